"""ETags for JSON and feeds, so that an unchanged answer is 304; and HEAD for every GET."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST = 1 << 20
"""Bytes of an answer that are held back to compute the digest; a longer answer has no ETag."""

_TAGGED = ("application/json", "application/atom+xml")


class Etags:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, Headers(scope=scope).get("if-none-match", ""))
        # Routes know GET; the server itself leaves out the body of an answer to HEAD.
        await self._app({**scope, "method": "GET"}, receive, answer.send)


class _Answer:
    """Holds the beginning of an answer back until it is known whether it gets an ETag."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_taggable(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            more = message.get("more_body", False)
            if not more or len(self._body) > _LONGEST:
                await self._release(self._start, more)

    async def _release(self, start: Message, more: bool) -> None:
        self._start = None
        headers = MutableHeaders(scope=start)
        if not more:
            etag = f'"{hashlib.sha256(self._body).hexdigest()[:32]}"'
            headers["ETag"] = etag
            if matches(self._known, etag):
                del headers["content-length"]
                start, self._body = {**start, "status": 304}, b""
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body, "more_body": more})


def matches(known: str, etag: str) -> bool:
    """Return whether `etag` is in an If-None-Match, which compares weakly (RFC 9110, 13.1.2)."""
    return known.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in known.split(",")}


def _is_taggable(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "") in _TAGGED and "etag" not in headers
