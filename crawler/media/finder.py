"""The worker's end of the process of yt-dlp: start it, fetch for it, and end it."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive.texts.frames import HEAD, framed, length_of
from archive.values.core_affinity import begun_on_all_cores
from crawler.media.messages import Asked, Fetcher, FoundMedia, MediaFailed, MediaMissing, NotFetched, found_of
from crawler.policy.answers import Answered

_START_SECONDS = 60.0
_MOST_REQUESTS = 300
"""Requests of yt-dlp for one page."""
LARGEST = 32 << 20
"""Bytes of a body that it is given."""
_MEMORY = 1 << 30
_NOT_PASSED_ON = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})
"""Fields that describe the body on the wire: yt-dlp gets it decoded."""
_KEPT_ENVIRONMENT = ("LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")
_MISSING = "yt-dlp is not installed: pip install 'pressmark[media]'"


def media_problem() -> str | None:
    """Return why media can't be found on this machine, as a sentence; None if they can."""
    return None if importlib.util.find_spec("yt_dlp") else _MISSING


class MediaFinder:
    """Looks for the media of one page at a time. The process starts with the first page."""

    def __init__(self, directory: Path) -> None:
        """Set up; the process works in `directory`, which is made and removed."""
        self._directory = directory
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self.lacking: list[str] = []
        """What the kernel could not do to confine the process."""

    async def find(self, url: str, served: Answered, fetch: Fetcher, seconds: float) -> FoundMedia:
        """Find the media of a page whose answer is known. Raises MediaMissing, MediaFailed."""
        async with self._turn:
            try:
                async with asyncio.timeout(seconds):
                    return await self._find(url, served, fetch)
            except TimeoutError as error:
                await self.close()
                raise MediaFailed(f"yt-dlp did not end within {seconds:.0f} s") from error
            except BaseException:
                await self.close()
                raise

    async def close(self) -> None:
        """End the process, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        self._writer.close()
        await process.wait()
        with suppress(OSError):
            (self._directory / "said").unlink()
            self._directory.rmdir()

    async def _find(self, url: str, served: Answered, fetch: Fetcher) -> FoundMedia:
        if self._process is None:
            await self._start()
        self._send({"url": url})
        requests = 0
        while True:
            head, body = await self._next()
            if "media" in head:
                return found_of(head)
            requests += 1
            asked = Asked(head["ask"], head["url"], tuple((name, value) for name, value in head["headers"]), body)
            try:
                answer = (
                    served if asked.method == "GET" and asked.url == url else await _admitted(requests, asked, fetch)
                )
            except NotFetched as error:
                self._send({"refused": str(error)})
            else:
                fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
                kept = [(name, value) for name, value in fields if name.lower() not in _NOT_PASSED_ON]
                self._send({"status": answer.status, "headers": kept}, answer.body)

    async def _start(self) -> None:
        if why := media_problem():
            raise MediaMissing(why)
        self._directory.mkdir(parents=True, exist_ok=True)
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        own = {"HOME": str(self._directory), "YTDLP_NO_PLUGINS": "1", "PATH": ""}
        try:
            with theirs, (self._directory / "said").open("wb") as said:
                self._process = await begun_on_all_cores(asyncio.create_subprocess_exec(
                    sys.executable, "-P", "-B", "-m", "crawler.media.child", str(theirs.fileno()), str(_MEMORY),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    env=environment | own | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    cwd=self._directory,
                ))  # fmt: skip
            self._reader, self._writer = await asyncio.open_connection(sock=ours)
        except OSError as error:
            ours.close()
            raise MediaFailed(f"the process of yt-dlp can't be started: {error}") from error
        async with asyncio.timeout(_START_SECONDS):
            head, _ = await self._next()
        self.lacking = list(head["lacking"])

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def _next(self) -> tuple[dict[str, Any], bytes]:
        try:
            head, body = await self._frame(), await self._frame()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise MediaFailed(f"yt-dlp ended: {self._said() or 'it said nothing'}") from error
        return json.loads(head), body

    async def _frame(self) -> bytes:
        return await self._reader.readexactly(length_of(await self._reader.readexactly(HEAD)))

    def _send(self, head: dict[str, Any], body: bytes = b"") -> None:
        self._writer.write(framed(json.dumps(head).encode()) + framed(body))

    def _said(self) -> str:
        with suppress(OSError):
            lines = (self._directory / "said").read_bytes()[-2_000:].decode("utf-8", "replace").strip().splitlines()
            return lines[-1] if lines else ""
        return ""


async def _admitted(requests: int, asked: Asked, fetch: Fetcher) -> Answered:
    if requests > _MOST_REQUESTS:
        raise NotFetched(f"more than {_MOST_REQUESTS} requests for one page")
    answer = await fetch(asked)
    if len(answer.body) > LARGEST:
        raise NotFetched(f"an answer of more than {LARGEST >> 20} MiB")
    return answer
