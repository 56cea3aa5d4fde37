"""An answer, and how it is sent: whole, or in pieces that are made while the client receives them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_PIECE = 1 << 15


@dataclass(slots=True)
class Answer:
    """A status, fields and a body; `length` is given for a body in pieces whose number of bytes is known in advance."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    raw_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Fields with text that is not ours, after the others."""

    def hasten(self) -> None:
        """Turn a body of one piece into a whole body: this saves thread switches."""
        if isinstance(self.body, bytes) or self.length is not None:
            return
        rest = self.body
        first, second = next(rest, b""), next(rest, None)
        self.body = first if second is None else chain((first, second), rest)

    async def send(self, send: Send, receive: Receive, method: str, executor: Executor) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self._fields()})
        body = self.body
        if isinstance(body, bytes):
            await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
        elif method == "HEAD":
            close(body)
            await send({"type": "http.response.body", "body": b""})
        else:
            await _send_pieces(body, send, receive, executor)

    def _fields(self) -> list[tuple[bytes, bytes]]:
        fields = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in self.headers.items()]
        length = len(self.body) if isinstance(self.body, bytes) else self.length
        if length is not None and self.status not in {204, 304}:
            fields.append((b"content-length", b"%d" % length))
        return fields + self.raw_headers


async def _send_pieces(pieces: Iterator[bytes], send: Send, receive: Receive, executor: Executor) -> None:
    """Send one piece after another, each made in a thread; stop once the client has gone."""
    loop = asyncio.get_running_loop()
    gone = asyncio.create_task(_gone(receive))
    try:
        while not gone.done():
            piece = await loop.run_in_executor(executor, next, pieces, None)
            if piece is None:
                await send({"type": "http.response.body", "body": b""})
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
        await loop.run_in_executor(executor, close, pieces)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def close(pieces: Iterator[bytes]) -> None:
    """Close what a body in pieces holds open."""
    if (end := getattr(pieces, "close", None)) is not None:
        end()


def in_pieces(lines: Iterable[str]) -> Iterator[bytes]:
    """Join lines to pieces that are worth a system call."""
    gathered, size = [], 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(gathered).encode("utf-8", "replace")
            gathered, size = [], 0
    if gathered:
        yield "".join(gathered).encode("utf-8", "replace")


def text(body: str, status: int = 200, kind: str = "text/plain; charset=utf-8", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body.encode("utf-8", "replace"), status, {"Content-Type": kind, **named})


def in_json(value: Any, status: int = 200, kind: str = "application/json") -> Answer:
    return Answer(json.dumps(value).encode(), status, {"Content-Type": kind})


def redirect(location: str, status: int = 302, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(b"", status, {"Location": location, **(headers or {})})


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Build a refusal as problem details (RFC 9457)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": sentence}
    answer = in_json(body, status, "application/problem+json")
    answer.headers |= headers or {}
    return answer
