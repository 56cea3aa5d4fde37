"""The parent's side of a child process that reads pages: start it, send requests, and report failures."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl

from archive.texts.frames import HEAD, framed, length_of
from archive.texts.reader_child import OUT_OF_MEMORY
from archive.values.core_affinity import on_all_cores

_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV")
"""The variables for the child: it reads untrusted pages, so it gets none that could be a secret."""
_PIECE = 1 << 20
"""Bytes that are read at once, and that a pipe may hold where the system lets it: the next question waits there."""
_GRACE = 5.0
_START_SECONDS = 120.0
"""Time to load the libraries of a child, which may be slow on a busy machine; it does not count for a page."""


class ReadingFailed(Exception):
    """The extractor process failed and has ended; the message says why."""


class ReadingProcess:
    """A child process that answers requests in order. Only one thread at a time may call it, except for `kill`."""

    def __init__(self, memory: int, cpu_seconds: int, wall_seconds: float) -> None:
        """Start a child. Raises OSError if that fails."""
        self._memory, self._cpu_seconds, self._wall_seconds = memory, cpu_seconds, wall_seconds
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        with on_all_cores():
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", "archive.texts.reader_child", str(memory), str(cpu_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C goes to the parent alone, which then ends the child
                bufsize=0,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        for pipe in (self._questions, self._answers):
            os.set_blocking(pipe.fileno(), False)
            with suppress(OSError):
                fcntl(pipe.fileno(), F_SETPIPE_SZ, _PIECE)
        self._unsent: deque[memoryview] = deque()
        self._received = bytearray()
        self._ready = False
        self._deadline = time.monotonic() + _START_SECONDS
        self.asked = 0
        """Questions that were asked of it."""
        self.waiting = 0
        """Those that have no answer yet."""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: bytes, payload: bytes) -> None:
        """Send a question as far as the pipe takes it; `step` sends the rest. Raises ValueError if it is too long."""
        message = framed(question) + framed(payload)
        if self._ready and not self.waiting:
            self._grant()
        self.asked += 1
        self.waiting += 1
        self._unsent.append(memoryview(message))
        with suppress(BrokenPipeError):  # its answers end, too, and say so
            self._send()

    def step(self) -> list[bytes]:
        """Send and receive without waiting. Return the answers that came.

        Raises ReadingFailed, which is about the first question without an answer.
        """
        try:
            with suppress(BrokenPipeError):
                self._send()
            return self._receive()
        except (EOFError, ValueError):
            raise ReadingFailed(self._obituary()) from None

    def kill(self) -> None:
        """End the child from any thread. A waiting call raises ReadingFailed."""
        self._process.kill()

    def close(self) -> None:
        """End the child without leaving a process, a zombie or an open pipe."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._questions.close()
        self._answers.close()

    def excuse(self, seconds: float) -> None:
        """Add the seconds in which nobody took its answers to its time limit."""
        self._deadline += seconds

    def overdue(self) -> bool:
        """Return whether the first question without an answer took too long."""
        return bool(self.waiting) and time.monotonic() > self._deadline

    def give_up(self) -> ReadingFailed:
        """End an overdue child, and return the failure of its page."""
        seconds = self._wall_seconds if self._ready else _START_SECONDS
        self.close()
        return ReadingFailed(f"extraction took more than {seconds:g} s")

    def _grant(self) -> None:
        self._deadline = time.monotonic() + self._wall_seconds

    def _send(self) -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                first = self._unsent[0]
                sent = os.write(self._questions.fileno(), first)
                if sent == len(first):
                    self._unsent.popleft()
                else:
                    self._unsent[0] = first[sent:]

    def _receive(self) -> list[bytes]:
        """Raises EOFError at the end, once all that came before is returned."""
        try:
            piece = os.read(self._answers.fileno(), _PIECE)
        except BlockingIOError:
            return []
        if not piece:
            raise EOFError
        self._received += piece
        return self._messages()

    def _messages(self) -> list[bytes]:
        found: list[bytes] = []
        received = self._received
        while len(received) >= HEAD and len(received) >= HEAD + (length := length_of(bytes(received[:HEAD]))):
            message = bytes(received[HEAD : HEAD + length])
            del received[: HEAD + length]
            if self._ready:
                self.waiting -= 1
                found.append(message)
            self._ready = True
            self._grant()
        return found

    def _obituary(self) -> str:
        """Return why the child ended."""
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            status = None
        self.close()
        if status is None:
            return "the extractor process closed its output and was terminated"
        if status == OUT_OF_MEMORY:
            return f"extraction needed more than {self._memory >> 20} MiB of memory"
        if status == -signal.SIGXCPU:
            return f"extraction took more than {self._cpu_seconds} s of CPU time"
        if status < 0:
            return f"the extractor process was terminated by {signal.Signals(-status).name}"
        return f"the extractor process exited with status {status}"


def wait_for(children: Iterable[ReadingProcess]) -> None:
    """Wait until a child has an answer, can take more of a question, or is overdue."""
    poll, until = select.poll(), []
    for child in children:
        poll.register(child._answers.fileno(), select.POLLIN)
        if child._unsent:
            poll.register(child._questions.fileno(), select.POLLOUT)
        until.append(child._deadline)
    poll.poll(max(min(until) - time.monotonic(), 0) * 1000 + 1)
