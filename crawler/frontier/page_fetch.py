"""A URL on its way: leased, requested, answered, recorded, acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from archive.values.capture import Capture, Context, Reference
from archive.values.reservations import Field
from config.source import Source
from crawler.policy.rows import FetchResult, Role, Row
from crawler.policy.shared import Receipt
from extractor.values.verdict import Verdict

if TYPE_CHECKING:
    from scrapy.http import Response
    from twisted.python.failure import Failure

    from archive.values.errors import ArchiveError


class FetchListener(Protocol):
    """Receives a fetch when its exchanges are acknowledged: `crawler.frontier.result_writer`."""

    def acknowledged(self, fetch: Fetch, receipt: Receipt) -> None: ...
    def failed(self, error: Exception) -> None: ...
    def commit(self) -> None: ...


@dataclass(slots=True, eq=False)
class Fetch:
    """One attempt at one URL: over when its callback is done and all its exchanges are acknowledged.

    It is the token of its exchanges at the recorder.
    """

    result_writer: FetchListener
    host: str
    context: Context
    left: Callable[[Fetch, Response | Failure], None]
    """Called when the download is over, before anything else learns the result."""
    row: Row | None = None
    """None for a fetch outside the frontier: robots.txt, a login."""
    capture: Capture | None = None
    """Our newest capture of the URL."""
    conditional: bool = False
    """Whether the request carries the validators of the capture."""
    secret: bool = False
    """Whether the body of the request must not be readable in the archive: a login."""
    sent: Callable[[str], None] | None = None
    """Called with the host when the bytes of the request have left."""
    says_what_is_reserved: bool = False
    """Whether it is of robots.txt or a file beside it: kept whatever the site reserves."""
    reserved: str | None = None
    """What the site reserves, if the answer is therefore not kept."""
    withheld: str | None = None
    """Why the answer is not kept as it has a secret of a login."""
    seconds: float = 0.0
    """The duration of the download in seconds."""
    recorded: int = 0
    acknowledged: int = 0
    settled: FetchResult | None = None
    """The result, once the callback is done."""
    error: ArchiveError | None = None
    """Why one of its exchanges was not written."""
    kept: Capture | None = None
    """What was archived of its answer."""
    verdict: Verdict | None = None
    """What the answer is, when it is not the page."""
    mark: str | None = None
    """What is remembered instead of the mark of its row."""
    fed: bool = False
    """Whether a browser fetched something for it that was not archived before."""
    signature: str | None = None
    """The signature of the page's content, where it is compared."""

    _all_on_disk: asyncio.Event | None = None
    """Set when nothing is missing that was waited for."""

    def note_sent(self) -> None:
        if self.sent is not None:
            self.sent(self.host)

    def acknowledge(self, receipt: Receipt) -> None:
        """Note that one exchange is on disk, or could not be written."""
        self.acknowledged += 1
        if receipt.error is not None:
            self.error = receipt.error
        if self._all_on_disk is not None and self.acknowledged >= self.recorded:
            self._all_on_disk.set()

    async def written(self) -> None:
        """Wait until each exchange so far is on disk, or could not be written."""
        if self.acknowledged < self.recorded:
            self._all_on_disk = asyncio.Event()
            await self._all_on_disk.wait()

    @property
    def over(self) -> bool:
        return self.settled is not None and self.acknowledged == self.recorded

    @property
    def leased(self) -> Row:
        """The row of a fetch that has one."""
        if self.row is None:
            raise LookupError(f"a fetch of {self.host} is none of the frontier")
        return self.row

    @property
    def url(self) -> str:
        return self.leased.url

    @property
    def is_what_was_asked(self) -> bool:
        """Whether no verdict says that something else was served in place of the page."""
        return self.verdict is None or self.verdict.is_page

    @property
    def is_page(self) -> bool:
        return self.row is not None and self.row.role != Role.REQUISITE


def context_of(
    source: Source,
    run: str,
    row: Row | None = None,
    not_modified: Reference | None = None,
    reservations: tuple[Field, ...] = (),
) -> Context:
    """Return what is recorded about an exchange beside its bytes; `row` is None outside the frontier."""
    return Context(
        collection=source.keep.collection,
        source=source.name,
        run=run,
        page_id=page_id(run, row.page or row.id) if row else None,
        via=row.via if row else None,
        hops=row.depth if row else 0,
        record_auth=source.keep.record_auth,
        not_modified=not_modified,
        reservations=reservations,
    )


def page_id(run: str, page: int) -> str:
    """Return the WARC-Page-ID of a page and its requisites: the same on every retry.

    The run is also elsewhere in each record, so this compresses to a few bytes, and a UUID to 34.
    """
    return f"{run}-{page}"


class Stopped(Exception):
    """The run ended before the response was complete; the page returns to the frontier."""
