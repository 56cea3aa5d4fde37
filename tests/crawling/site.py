"""A site on a loopback socket with answers set by a test. It records its requests."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request received, and what was sent for it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    """Seconds of the monotonic clock."""
    received: bytes = b""
    """The bytes of the request."""
    sent: bytearray = field(default_factory=bytearray)
    """The bytes of the answer."""


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes | str = b""
    headers: tuple[tuple[str, str], ...] = ()
    type: str | None = "text/html; charset=utf-8"
    after: float = 0.0
    """Seconds before it is sent."""
    cut: bool = False
    """Close the connection instead of answering."""


Answer = Reply | Callable[[Asked], Reply]


def html(*links: str, text: str = "") -> Reply:
    """Return a page with links."""
    anchors = "".join(f'<p><a href="{link}">{link}</a></p>' for link in links)
    return Reply(body=f"<!doctype html><title>t</title><body>{text}{anchors}</body>")


def redirect(to: str, status: int = 302, *headers: tuple[str, str]) -> Reply:
    return Reply(status, headers=(("Location", to), *headers))


def in_turn(*replies: Reply) -> Callable[[Asked], Reply]:
    """Return each answer once, the last one forever."""
    left = list(replies)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


ETAG = (("ETag", '"one"'),)


def once_changed(reply: Reply) -> Callable[[Asked], Reply]:
    """Answer 304 to callers that have its ETag."""
    return lambda asked: Reply(304) if asked.headers.get("if-none-match") == '"one"' else reply


NOT_FOUND = Reply(404, "not found", type="text/plain")


@dataclass
class Site:
    """`routes` maps a path with its query to an answer; `otherwise` answers the rest."""

    url: str
    routes: dict[str, Answer] = field(default_factory=dict)
    otherwise: Answer = NOT_FOUND
    asked: list[Asked] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0
    """The highest number of concurrent requests."""

    @property
    def paths(self) -> list[str]:
        """The requested paths, without robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def times(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    def last(self, path: str) -> Asked:
        return next(asked for asked in reversed(self.asked) if asked.path == path)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        received = await reader.readuntil(b"\r\n\r\n")
        head = received.decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(method, path, headers, body, time.monotonic(), received + body)
        self.asked.append(asked)
        answer = self.routes.get(path, self.otherwise)
        reply = answer(asked) if callable(answer) else answer
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(reply.after)
        finally:
            self.busy -= 1
        if reply.cut:
            return False
        asked.sent.extend(_wire(reply))
        writer.write(asked.sent)
        await writer.drain()
        return True


def _wire(reply: Reply) -> bytes:
    body = reply.body.encode() if isinstance(reply.body, str) else reply.body
    headers = [*reply.headers, *((("Content-Type", reply.type),) if reply.type else ())]
    if reply.status != 304:
        headers.append(("Content-Length", str(len(body))))
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body if reply.status != 304 else b"")


@contextmanager
def serving(routes: Mapping[str, Answer] | None = None, host: str = "127.0.0.1") -> Iterator[Site]:
    """Serve a site at a free port of a loopback address, in a thread of its own."""
    loop = asyncio.new_event_loop()
    site = Site("", dict(routes or {}))
    server = loop.run_until_complete(asyncio.start_server(site.handle, host, 0, limit=1 << 20))
    site.url = f"http://{host}:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        asyncio.run_coroutine_threadsafe(_close(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
