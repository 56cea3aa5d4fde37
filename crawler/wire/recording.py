"""What the download handler asks of the run that it works for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from weakref import WeakKeyDictionary

from archive.warc.exchange import Exchange
from crawler.wire.guard import Guard

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

TlsPolicy = Literal["strict", "record"]
"""strict: a certificate that does not pass is a failure; record: it is accepted, and Tls.verified says False."""

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class WireLimits:
    """How much of an answer is taken in, how long it may take, and where its body is put."""

    page_bytes: int = 32 * MIB
    """Octets of a body, transfer-decoded, still content-encoded; 0 is no limit. ``download_maxsize`` overrides it."""
    head_bytes: int = 512 * 1024
    """Octets of a head, 1xx heads before it included; also of an answer that has no head at all."""
    header_count: int = 2_000
    timeout: float = 60.0
    """Seconds for an exchange, from looking the host up to the last octet. ``download_timeout`` overrides it."""
    idle: float = 30.0
    """Seconds after which an unused connection is not used again."""
    memory_bytes: int = MIB
    """A body above this goes to a temporary file while it arrives."""
    textual_bytes: int = 8 * MIB
    """A body in a file is still handed to the spiders when it is textual and not above this."""
    directory: Path | None = None
    """Where those temporary files are made; None is the system's directory for them."""


class Recording(Protocol):
    """A run, as the wire sees it: its rules, its clock, and where its exchanges go."""

    @property
    def guard(self) -> Guard: ...

    @property
    def limits(self) -> WireLimits: ...

    @property
    def tls(self) -> TlsPolicy: ...

    @property
    def proxy(self) -> str | None:
        """``http://user:password@host:port`` or ``socks5://…``; ``request.meta["proxy"]`` overrides it."""

    def now(self) -> datetime: ...

    def record(self, exchange: Exchange, request: Request) -> None:
        """Take an exchange that is over, whole or not; called once for each, in the loop, before Scrapy hears of it."""


_recordings: WeakKeyDictionary[Crawler, Recording] = WeakKeyDictionary()


def attach(crawler: Crawler, recording: Recording) -> None:
    """Say whom the download handler of this crawler works for; before the crawl starts."""
    _recordings[crawler] = recording


def recording_of(crawler: Crawler) -> Recording:
    """Raises LookupError when none was attached."""
    try:
        return _recordings[crawler]
    except KeyError:
        raise LookupError("this crawler has no recorder attached, so its responses would not be archived") from None
