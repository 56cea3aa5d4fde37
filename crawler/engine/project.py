"""Recording for a user's own Scrapy project: its settings apply, and its spiders get what Scrapy gives them."""

from __future__ import annotations

import sys
from asyncio import to_thread
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import NotSupported

from archive.values.errors import ArchiveError
from crawler.policy.order import Counts
from crawler.wire.download import RecordingDownloadHandler
from crawler.wire.guard import EVERYTHING, PORTS, Guard
from crawler.wire.recording import MIB, TlsPolicy, WireLimits, recording_of

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

    from archive.spool.recorder import Receipt, Recorder
    from archive.values.capture import Context
    from archive.warc.exchange import Exchange
    from crawler.wire.signatures import RequestSigner

SKIP = "dont_archive"
"""The key of request.meta that keeps an exchange out of the archive."""
_MOST_BACKLOG = 512
"""From this number of exchanges waiting for the disk, a new request waits for them."""
_LARGE = 16 * MIB
"""From this many bytes of a body, the recorder's queue is emptied first, so that the recorder never refuses one."""


@dataclass(frozen=True, slots=True)
class RecordingTarget:
    """Where a project's exchanges go, who is notified of one that could not be written, and who signs the requests."""

    recorder: Recorder
    context: Context
    now: Callable[[], datetime]
    failed: Callable[[ArchiveError], None]
    """Called from any thread."""
    signer: RequestSigner | None = None
    """What signs the requests; None: they are sent without a signature."""


@dataclass(slots=True)
class Tally:
    """Counts of acknowledged exchanges, made in the thread of the recorder."""

    pages: int = 0
    captures: int = 0
    revisits: int = 0
    failures: int = 0
    bytes: int = 0
    errors: list[ArchiveError] = field(default_factory=list)

    def count(self, receipts: Sequence[Receipt]) -> None:
        """Count the receipts of a group commit."""
        for receipt in receipts:
            if receipt.error:
                self.errors.append(receipt.error)
            if capture := receipt.capture:
                self.captures += 1
                self.pages += 200 <= (capture.status or 0) < 300 and urlsplit(capture.url).path != "/robots.txt"
                self.revisits += capture.refers_to is not None
                self.failures += capture.kind == "failed"
                self.bytes += capture.payload_length

    def counts(self) -> Counts:
        """Return the counts as the ledger records them for a run."""
        return Counts(self.pages, self.captures, self.revisits, self.failures, self.bytes)

    @property
    def unchanged(self) -> bool:
        """Whether there were answers, and the archive had the content of each."""
        return self.captures - self.failures == self.revisits > 0


class ProjectRecording:
    """A `crawler.recording.Recording` that follows the settings of a Scrapy project."""

    proxy = None
    """Scrapy's own middleware chooses the proxy and writes it into request.meta."""

    def __init__(self, settings: BaseSettings, kept: RecordingTarget, *, guarded: bool) -> None:
        """Set up the recording. With `guarded`, only public addresses are allowed; otherwise all are, as in Scrapy."""
        most = settings.getint("DOWNLOAD_MAXSIZE")
        self.guard = Guard((), PORTS) if guarded else Guard(EVERYTHING)
        self.tls: TlsPolicy = "strict" if settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES") else "record"
        self.limits = WireLimits(
            page_bytes=most,
            timeout=settings.getfloat("DOWNLOAD_TIMEOUT"),
            memory_bytes=most or sys.maxsize,  # a spider gets each body whole, so no body goes to a file
        )
        self._kept = kept
        self.signer = kept.signer

    def now(self) -> datetime:
        return self._kept.now()

    def record(self, exchange: Exchange, request: Request) -> None:
        """Hand an exchange to the recorder, unless the request asks not to archive it."""
        if request.meta.get(SKIP):
            return
        if exchange.response and exchange.response.length > _LARGE:
            self._kept.recorder.flush()
        context = replace(self._kept.context, hops=request.meta.get("depth", 0))
        try:
            self._kept.recorder.record(exchange, context)
        except ArchiveError as error:
            self._kept.failed(error)

    async def wait_for_room(self) -> None:
        """Wait while too many exchanges wait for the disk."""
        if self._kept.recorder.backlog >= _MOST_BACKLOG:
            await to_thread(self._kept.recorder.flush)


class ProjectDownloadHandler(RecordingDownloadHandler):
    """Fetch and record for a Scrapy project.

    It respects the keys of request.meta that RecordingDownloadHandler does; `dont_archive` also keeps an exchange out
    of the archive.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Raise LookupError when the add-on is not active in this crawler."""
        super().__init__(crawler)
        recording = recording_of(crawler)
        assert isinstance(recording, ProjectRecording), "the add-on has attached it"
        self._project = recording
        self._bound = crawler.settings.get("DOWNLOAD_BIND_ADDRESS")

    async def download_request(self, request: Request) -> Response:
        """Fetch one page.

        Raises NotSupported for a request to bind to a local address; otherwise as RecordingDownloadHandler does.
        """
        if request.meta.get("bindaddress", self._bound):
            raise NotSupported(
                "pressmark.addon.Archive does not bind to a local address; take DOWNLOAD_BIND_ADDRESS out of the "
                "settings, and bindaddress out of request.meta"
            )
        await self._project.wait_for_room()
        return await super().download_request(request)
