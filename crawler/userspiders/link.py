"""The child's end of the connection to the worker: it requests pages there, and reports its state.

A message is two frames: a JSON object, and the bytes of a body.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from scrapy import Request, exceptions
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Headers
from scrapy.responsetypes import responsetypes

from archive.texts.frames import HEAD, framed, length_of
from crawler.userspiders.ledger import COUNTED, RECORDS, Ledger

if TYPE_CHECKING:
    from scrapy.http import Response


_METAS = ("download_timeout", "download_maxsize", "download_fail_on_dataloss", "proxy")
"""The keys of request.meta that the worker respects."""
_NO_BINDING = "the worker does not bind to a local address; take bindaddress out of request.meta"
_ERRORS: dict[str, type[Exception]] = {
    name: getattr(exceptions, name)
    for name in (
        "CannotResolveHostError",
        "DownloadCancelledError",
        "DownloadConnectionRefusedError",
        "DownloadFailedError",
        "DownloadTimeoutError",
        "IgnoreRequest",
        "NotSupported",
        "ResponseDataLossError",
    )
}


def message(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Encode a message. Raises ValueError when its body is too long."""
    return framed(json.dumps(head, default=str).encode()) + framed(body)


async def read_message(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes] | None:
    """Read the next message; None when the other side is gone."""
    try:
        head = await reader.readexactly(length_of(await reader.readexactly(HEAD)))
        body = await reader.readexactly(length_of(await reader.readexactly(HEAD)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    message: dict[str, Any] = json.loads(head)
    return message, body


def end_at_once() -> None:
    """Kill this child and all that it started: its worker is gone.

    What the spider would write down from now on is wrong: requests that can't be made have not failed.
    """
    with suppress(PermissionError):  # a confined child has started nothing
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


class Link:
    """The connection, from the child's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._waiting: dict[int, asyncio.Future[tuple[dict[str, Any], bytes]]] = {}
        self._last = 0
        self._closing = False

    @classmethod
    async def over(cls, descriptor: int) -> Link:
        """Connect over an inherited socket."""
        return cls(*await asyncio.open_connection(sock=socket.socket(fileno=descriptor)))

    async def order(self) -> dict[str, Any]:
        """Read the first message of the worker: what to run. Raises EOFError."""
        if (found := await read_message(self._reader)) is None:
            raise EOFError("the worker is gone")
        return found[0]

    async def listen(self, close: Callable[[str], None]) -> None:
        """Deliver answers to their requests; `close` is called when the worker ends the run."""
        while (found := await read_message(self._reader)) is not None:
            head, body = found
            if (reason := head.get("close")) is not None:
                close(reason)
            elif (waiting := self._waiting.pop(head["to"], None)) is not None and not waiting.done():
                waiting.set_result((head, body))
        if not self._closing:
            end_at_once()

    async def fetch(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Ask the worker to fetch something, and return its answer."""
        self._last += 1
        answer: asyncio.Future[tuple[dict[str, Any], bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = answer
        try:
            self._writer.write(message({"kind": "ask", "id": self._last, **head}, body))
            await self._writer.drain()
        except ConnectionError:  # the worker is gone, and this request has not failed
            end_at_once()
        return await answer

    def event(self, name: str, **facts: object) -> None:
        """Write a line to the log of the run."""
        self._writer.write(message({"kind": "event", "name": name, "facts": facts}))

    def report(self, kind: str, **facts: object) -> None:
        """Report the state of the run, or how it ended."""
        self._writer.write(message({"kind": kind, **facts}))

    async def close(self) -> None:
        """Close the connection once all messages are sent."""
        self._closing = True
        await self._writer.drain()
        self._writer.close()
        await self._writer.wait_closed()


class LinkHandler(BaseDownloadHandler):
    """Scrapy's download handler in the child.

    The worker fetches under its guard, and answers once the exchange is recorded.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._link = cast("OwnCrawler", crawler).link
        self._timeout = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")

    async def download_request(self, request: Request) -> Response:
        """Fetch through the worker. Raises Scrapy's exceptions for failures."""
        if request.meta.get("bindaddress"):
            raise exceptions.NotSupported(_NO_BINDING)
        asked = {
            "url": request.url,
            "method": request.method,
            "headers": [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name, values in request.headers.items()
                for value in values
            ],
            "meta": {name: request.meta[name] for name in _METAS if name in request.meta},
        }
        answer, body = await self._link.fetch(asked, request.body)
        request.meta[COUNTED] = answer.get("counted", {})
        if (error := answer.get("error")) is not None:
            raise _ERRORS.get(error, exceptions.DownloadFailedError)(answer["reason"])
        request.meta["download_latency"] = answer["latency"]
        request.meta[RECORDS] = answer["records"]
        headers = Headers()
        for name, value in answer["headers"]:
            headers.appendlist(name.encode("latin-1"), value.encode("latin-1"))
        url = request.url
        kind = responsetypes.from_args(headers=headers, url=url, body=body)
        return kind(
            url=url,
            status=answer["status"],
            headers=headers,
            body=body,
            flags=answer["flags"],
            protocol=answer["protocol"],
        )


class OwnCrawler(Crawler):
    """Scrapy's crawler for a user's spider in its child, with what its parts need of the run."""

    ledger: Ledger
    link: Link
