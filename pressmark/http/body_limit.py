"""The limits of request bodies: their size, the time they may take, and the values of their JSON."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressmark.http.errors import refusal
from pressmark.http.in_thread import in_thread

_LISTS = "/add/list"
_UNDO = frozenset({"/sources/undo", "/sources/cancel"})
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """0 turns a limit off."""

    size: int = 1 << 20
    """Bytes of a body that is sent to the API."""
    form: int = 64 << 10
    """Bytes of a body that is sent to any other address: other forms are small."""
    list: int = 2 << 20
    """Bytes of the form with a list of sources, such as a file of a feed reader, and of one that undoes actions."""
    seconds: float = 60.0
    """Seconds until a body is complete."""
    values: int = 20_000
    """Values of JSON. The event loop checks each against the schema: a wrong one takes a kilobyte of memory."""

    def of(self, path: str) -> int:
        """Return the bytes that a body sent to this path may have."""
        if path.startswith(_LISTS) or path in _UNDO:
            return self.list
        return self.size if path.startswith("/api/") else self.form


class BodyLimit:
    """Refuses bodies that are too long (413), take too long (408) or have too many values (422)."""

    def __init__(self, app: ASGIApp, limits: BodyLimits | None = None) -> None:
        self._app = app
        self._limits = limits or BodyLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = _announced(scope) if scope["type"] == "http" else 0
        if announced == 0:
            await self._app(scope, receive, send)
            return
        most = self._limits.of(scope["path"])
        if announced is not None and most and announced > most:
            answer = await refusal(Request(scope), 413, _too_long(most), _CLOSE)
            await answer(scope, receive, send)
            return
        await self._app(scope, _Limited(receive, most, self._limits), send)


class _Limited:
    """Receives a body within limits. Raises HTTPException, which every route passes on."""

    def __init__(self, receive: Receive, most: int, limits: BodyLimits) -> None:
        self._receive, self._most, self._values = receive, most, limits.values
        self._until = asyncio.get_running_loop().time() + limits.seconds if limits.seconds else None
        self._size = 0
        self._pieces: list[bytes] = []
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "the body of the request took too long", headers=_CLOSE) from None
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._most and self._size > self._most:
            raise HTTPException(413, _too_long(self._most), headers=_CLOSE)
        if self._values:
            await self._look(message.get("body", b""))
        return message

    async def _look(self, piece: bytes) -> None:
        """Raise HTTPException for JSON with too many values. Only what has many separators is parsed, in a thread."""
        self._pieces.append(piece)
        if not self._complete:
            return
        body = b"".join(self._pieces)
        if sum(map(body.count, (b",", b"[", b"{"))) < self._values:
            return
        if (count := await in_thread(partial(_count_values, body))) > self._values:
            why = f"the JSON of the request has {count} values; the limit is {self._values}"
            raise HTTPException(422, why, headers=_CLOSE)


def _count_values(body: bytes) -> int:
    """Return how many values a JSON text has; 0 if it is not JSON."""
    try:
        left, count = [json.loads(body)], 0
    except RecursionError:
        return body.count(b"[") + body.count(b"{")
    except ValueError:
        return 0
    while left:
        value = left.pop()
        count += 1
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
    return count


def _announced(scope: Scope) -> int | None:
    """Return how many bytes the body of a request has; None if that is not known before its end."""
    length: int | None = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value) if value.isdigit() else None
    return length


def _too_long(most: int) -> str:
    return f"the body of the request is longer than {most} bytes"
