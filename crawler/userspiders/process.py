"""The worker's end of a child process that runs a user's spider: start it, read its messages, end all its processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive.values.core_affinity import begun_on_all_cores
from crawler.userspiders.link import message, read_message

_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV", "TZ")
"""The environment variables that the child gets: those without secrets. Secrets arrive as arguments of the spider."""
_OWN_ENVIRONMENT = {"TLDEXTRACT_CACHE": "", "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": ""}
"""Scrapy's cookies need a list of public suffixes: that of the package, not one that the child downloads and caches."""
_MOST_SAID = 4_000


class SpiderProcess:
    """One child, the leader of a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process, line: socket.socket, output: Path) -> None:
        self._process, self._line, self._said_to = process, line, output
        self.heard_at = asyncio.get_running_loop().time()
        """When it last sent a message, by the clock of the event loop."""

    @classmethod
    async def start(cls, memory: int, output: Path) -> SpiderProcess:
        """Start a child; its output goes to the file `output`. Raises OSError."""
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        arguments = ("-P", "-B", "-m", "crawler.userspiders.child", str(theirs.fileno()), str(memory))
        with theirs, output.open("wb") as printed:
            process = await begun_on_all_cores(
                asyncio.create_subprocess_exec(
                    sys.executable,
                    *arguments,
                    stdin=asyncio.subprocess.PIPE,  # closes when this process ends
                    stdout=printed,
                    stderr=printed,
                    env=environment | _OWN_ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            )
        started = cls(process, ours, output)
        started._reader, started._writer = await asyncio.open_connection(sock=ours)
        return started

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def send(self, head: dict[str, Any], body: bytes = b"") -> None:
        """Send a message; a dead child does not receive it. Raises ValueError when the body is too long."""
        if not self._writer.is_closing():
            self._writer.write(message(head, body))

    async def next(self) -> tuple[dict[str, Any], bytes] | None:
        """Return its next message; None once it is gone."""
        found = await read_message(self._reader)
        self.heard_at = asyncio.get_running_loop().time()
        return found

    async def place(self, seconds: float = 1.0) -> str:
        """Return where its code stands now, if it does not answer."""
        before = len(self._printed())
        self._signal(signal.SIGUSR1)
        await asyncio.sleep(seconds)
        lines = [line.strip() for line in self._printed()[before:].splitlines() if line.strip().startswith("File")]
        return lines[0] if lines else ""

    @property
    def is_gone(self) -> bool:
        """Whether the process itself has ended. A process that it started may keep the connection open."""
        return self._process.returncode is not None

    def hang_up(self) -> None:
        """Stop reading its messages."""
        self._reader.feed_eof()

    async def end(self) -> bool:
        """Kill the child and all that it started, and wait for it. Return whether it left processes behind."""
        left = False
        if self._process.returncode is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 0)
                left = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._writer.close()
        return left

    async def wait(self, seconds: float = 5.0) -> None:
        """Give it that long to end by itself."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)

    def obituary(self) -> str:
        """Return what it died of, as the end of a sentence."""
        code = self._process.returncode
        printed = self._printed()[-_MOST_SAID:].strip()
        if code is None:
            return "closed its connection to the worker"
        if "MemoryError" in printed:
            return "needed more memory than a worker may use"
        last = printed.splitlines()[-1] if printed else ""
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{how} ({last})" if last else how

    def _printed(self) -> str:
        try:
            return self._said_to.read_bytes().decode("utf-8", "replace")
        except OSError:
            return ""

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)
