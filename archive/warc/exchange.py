"""One HTTP exchange, exactly as it crossed the wire (after TLS)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from archive.values.capture import Truncated

Headers = tuple[tuple[bytes, bytes], ...]
"""Header fields in the order and case of the wire; folded lines joined by one space."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The result of the handshake, e.g. ``Tls("TLSv1.3", "TLS_AES_256_GCM_SHA384")``."""

    version: str
    cipher: str
    verified: bool = True
    """False when the certificate did not pass, and the source says `tls: record`."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it was sent: `head` is the request line to the empty line, as written to the socket."""

    method: str
    url: str
    head: bytes
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it was received: the head unchanged, and the body transfer-decoded, still content-encoded."""

    head: bytes
    """Status line to the empty line, both included; odd line ends, folds and bytes untouched."""
    status: int
    headers: Headers
    body: bytes | BinaryIO
    """Bytes; or, above 1 MiB, a seekable temporary file that the exchange owns."""
    length: int
    """Octets of `body`."""
    chunked: bool = False
    """True when chunked framing was taken off `body`; the WARC writer renames the header then."""
    trailers: bytes = b""
    """Trailer lines after the last chunk, raw."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response. `response` is None if no complete head arrived."""

    request: Request
    response: Response | None
    at: datetime
    """When the first byte of the request was sent: WARC-Date, aware, UTC, to the microsecond."""
    ip: str | None = None
    protocol: str = "http/1.1"
    tls: Tls | None = None
    truncated: Truncated | None = None
    interim: tuple[bytes, ...] = ()
    """1xx heads that came before the response, raw."""
    received: bytes = b""
    """Bytes that came without making a head (a bad status line, HTTP/0.9, a cut in the head), raw. Beside a response:
    the empty lines before its first head.
    """
    elapsed: timedelta = timedelta()
    error: str | None = None
    """Why the exchange failed or is not whole, as a sentence."""
    proxy: str | None = None
    """The proxy that it went through, without credentials."""
