"""Convert what arrived: an exchange for the archive, a response or an exception for Scrapy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import BinaryIO

from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from archive.warc.exchange import Exchange, Request
from archive.warc.exchange import Headers as Fields
from archive.warc.exchange import Response as Received
from crawler.wire.connection import Peer
from crawler.wire.http1 import Answer
from crawler.wire.outgoing import Outgoing

ON_DISK = "body-on-disk"
"""The flag of a response without its body, because the body is large; it is archived completely."""
TORN = "dataloss"
"""Scrapy's flag of an incomplete response."""

_TEXTUAL = ("text/", "application/json", "application/javascript", "application/x-javascript")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request sent once, and its result."""

    asked: Outgoing
    answer: Answer
    peer: Peer
    at: datetime
    elapsed: float
    """The duration in seconds."""
    body: bytes | BinaryIO
    length: int
    shown: bytes | None
    """The body for the spiders; None when it is for the archive only."""

    @property
    def unanswered(self) -> bool:
        """Whether the connection ended before anything was received."""
        return not self.answer.begun and self.answer.truncated is None

    def exchange(self, note: str = "") -> Exchange:
        """Build the exchange for the archive; `note` is appended to its error."""
        asked, answer = self.asked, self.answer
        return Exchange(
            request=Request(asked.method, asked.url, asked.head, asked.body),
            response=self._received() if answer.head else None,
            at=self.at,
            ip=self.peer.ip,
            protocol="http/1.0" if answer.head and answer.version < (1, 1) else "http/1.1",
            tls=self.peer.tls,
            truncated=answer.truncated,
            interim=tuple(answer.interim),
            received=answer.received,
            elapsed=timedelta(seconds=self.elapsed),
            error=f"{answer.error}; {note}" if note else answer.error,
            proxy=_name_of_proxy(asked),
        )

    def _received(self) -> Received:
        answer = self.answer
        return Received(
            head=answer.head,
            status=answer.status,
            headers=answer.headers,
            body=self.body,
            length=self.length,
            chunked=answer.chunked,
            trailers=answer.trailers,
        )

    def response(self, url: str) -> Response:
        """Build the response that Scrapy hands to the spiders, with the body as received, still content-encoded."""
        answer, body = self.answer, self.shown or b""
        headers = _headers_of(answer.headers)
        response = _class_of(headers, url, body)(
            url=url.partition("#")[0],
            status=answer.status,
            body=body,
            flags=self._flags(),
            certificate=self.peer.certificate,
            ip_address=self.peer.address,
            protocol=f"HTTP/{answer.version[0]}.{answer.version[1]}",
        )
        response.headers = headers
        return response

    def _flags(self) -> list[str]:
        on_disk = [ON_DISK] if self.shown is None else []
        return [*on_disk, TORN] if self.answer.truncated else on_disk


def failed_exchange(asked: Outgoing, at: datetime, error: Exception) -> Exchange:
    """Build an exchange that ended before its request was sent: a server was reached, but no more."""
    return Exchange(
        request=Request(asked.method, asked.url, b""),
        response=None,
        at=at,
        ip=getattr(error, "ip", None),
        error=str(error),
        proxy=_name_of_proxy(asked),
    )


def failure_of(answer: Answer) -> Exception:
    """Return the exception that Scrapy gets for an incomplete or invalid answer."""
    sentence = answer.error or "the response is incomplete"
    if answer.truncated == "time":
        return DownloadTimeoutError(sentence)
    if answer.truncated == "length":
        return DownloadCancelledError(sentence)
    return ResponseDataLossError(sentence) if answer.head else DownloadFailedError(sentence)


def shown_to_spiders(body: bytes | BinaryIO, length: int, fields: Fields, most: int) -> bytes | None:
    """Return the bytes of a body; None for a file that is not textual or larger than `most`.

    Call it before the body is recorded: from then on a file belongs to the recorder. The file is left at its beginning.
    """
    if isinstance(body, bytes):
        return body
    if length > most or not any(name.lower() == b"content-type" and is_textual(value) for name, value in fields):
        return None
    content = body.read()
    body.seek(0)
    return content


def is_textual(content_type: bytes) -> bool:
    """Return whether a Content-Type is that of a text: playlists of media are texts too, whatever it calls them."""
    mime = content_type.decode("latin-1").partition(";")[0].strip().lower()
    return mime.startswith(_TEXTUAL) or mime.endswith(("+xml", "+json", "/xml", "mpegurl"))


def _name_of_proxy(asked: Outgoing) -> str | None:
    return str(asked.route.proxy) if asked.route.proxy else None


def _headers_of(fields: Fields) -> Headers:
    """Build Scrapy's headers without its normalisation of every name: that takes 1 µs a field, twice."""
    headers = Headers()
    for name, value in fields:
        dict.setdefault(headers, _title(name), []).append(value)
    return headers


@lru_cache(maxsize=4096)
def _title(name: bytes) -> bytes:
    return name.title()


def _class_of(headers: Headers, url: str, body: bytes) -> type[Response]:
    """Choose the class by the Content-Type alone, if there is one.

    Sniffing encoded bodies is slow and finds nothing.
    """
    if b"Content-Encoding" in headers:
        return Response
    if content_type := headers.get(b"Content-Type"):
        return _class_of_type(content_type)
    return responsetypes.from_args(headers=headers, url=url, body=body)


@lru_cache(maxsize=1024)
def _class_of_type(content_type: bytes) -> type[Response]:
    return responsetypes.from_content_type(content_type)
