"""The parent's side of the child process that reads pages: start it, send requests, and report failures."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time

from archive.texts.frames import HEAD, framed, length_of
from archive.texts.reader_child import OUT_OF_MEMORY

_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV")
"""The child reads what strangers wrote: it gets no variable that could be a secret."""
_PIECE = 1 << 16
_GRACE = 5.0
_START_SECONDS = 120.0
"""A child that loads its libraries may be slow on a busy machine: no page is to blame for that."""


class ReadingFailed(Exception):
    """The extractor process failed and has ended; the message says why."""


class ReadingProcess:
    """A child process. Only one thread at a time may use it."""

    def __init__(self, memory: int, cpu_seconds: int) -> None:
        """Start a child. Raises OSError if that fails."""
        self._memory, self._cpu_seconds = memory, cpu_seconds
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "archive.texts.reader_child", str(memory), str(cpu_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C goes to the parent alone, which then ends the child
            bufsize=0,
        )
        self._ready = False
        assert self._process.stdin is not None and self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        for pipe in (self._questions, self._answers):
            os.set_blocking(pipe.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: bytes, payload: bytes, wall_seconds: float) -> bytes:
        """Send a request, and wait for its response. Raises ReadingFailed."""
        if not self._ready:
            self._exchange(b"", _START_SECONDS)
            self._ready = True
        return self._exchange(framed(question) + framed(payload), wall_seconds)

    def _exchange(self, octets: bytes, seconds: float) -> bytes:
        """Send bytes, and wait for a message."""
        deadline = time.monotonic() + seconds
        try:
            self._send(octets, deadline)
            return self._receive(length_of(self._receive(HEAD, deadline)), deadline)
        except TimeoutError:
            self.close()
            raise ReadingFailed(f"extraction took more than {seconds:g} s") from None
        except (EOFError, BrokenPipeError, ValueError):
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

    def _send(self, octets: bytes, deadline: float) -> None:
        rest = memoryview(octets)
        while rest:
            _await(self._questions.fileno(), selectors.EVENT_WRITE, deadline)
            rest = rest[os.write(self._questions.fileno(), rest[:_PIECE]) :]

    def _receive(self, length: int, deadline: float) -> bytes:
        pieces: list[bytes] = []
        while length:
            _await(self._answers.fileno(), selectors.EVENT_READ, deadline)
            piece = os.read(self._answers.fileno(), min(length, _PIECE))
            if not piece:
                raise EOFError
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

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


def _await(descriptor: int, event: int, deadline: float) -> None:
    """Wait until a pipe is ready. Raises TimeoutError."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        if not selector.select(max(deadline - time.monotonic(), 0)):
            raise TimeoutError
