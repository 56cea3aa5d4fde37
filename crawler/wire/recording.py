"""What the download handler needs of its run."""

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

    from crawler.wire.signatures import RequestSigner

TlsPolicy = Literal["strict", "record"]
"""strict: an invalid certificate is a failure; record: it is accepted, and Tls.verified is False."""

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class WireLimits:
    """Limits for the size and duration of an answer, and where its body is stored."""

    page_bytes: int = 32 * MIB
    """Bytes of a body, transfer-decoded, still content-encoded; 0: unlimited. ``download_maxsize`` overrides it."""
    head_bytes: int = 512 * 1024
    """Bytes of a head, including 1xx heads before it; also of an answer without a head."""
    header_count: int = 2_000
    timeout: float = 60.0
    """Seconds for an exchange, from resolving the host to the last byte. ``download_timeout`` overrides it."""
    idle: float = 30.0
    """Seconds after which an idle connection is not used again."""
    memory_bytes: int = MIB
    """A body larger than this many bytes goes to a temporary file while it arrives."""
    textual_bytes: int = 8 * MIB
    """A body in a file is still handed to the spiders if it is textual and not larger than this. ``textual_bytes`` of a
    request overrides it."""
    directory: Path | None = None
    """The directory of these temporary files; None is the system's directory for them."""


class Recording(Protocol):
    """A run as the wire sees it: its rules, its clock, and where its exchanges go."""

    @property
    def guard(self) -> Guard: ...

    @property
    def limits(self) -> WireLimits: ...

    @property
    def tls(self) -> TlsPolicy: ...

    @property
    def proxy(self) -> str | None:
        """``http://user:password@host:port`` or ``socks5://…``; ``request.meta["proxy"]`` overrides it."""

    @property
    def signer(self) -> RequestSigner | None:
        """What signs the requests; None: they are sent without a signature."""

    def now(self) -> datetime: ...

    def record(self, exchange: Exchange, request: Request) -> None:
        """Take a finished exchange, complete or not.

        Called once for each, in the event loop, before Scrapy gets the result.
        """


_recordings: WeakKeyDictionary[Crawler, Recording] = WeakKeyDictionary()


def attach(crawler: Crawler, recording: Recording) -> None:
    """Set the run of this crawler's download handler; call it before the crawl starts."""
    _recordings[crawler] = recording


def recording_of(crawler: Crawler) -> Recording:
    """Return the run of this crawler. Raises LookupError when none was attached."""
    try:
        return _recordings[crawler]
    except KeyError:
        raise LookupError("this crawler has no recorder attached, so its responses would not be archived") from None
