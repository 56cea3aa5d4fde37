"""What a crawl is ordered to do, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from config.groups.permissions import NOTHING, Permissions

if TYPE_CHECKING:
    from config.source import Source
    from config.values.use import Use
    from crawler.wire.signatures import RequestSigner

Ending = Literal["done", "unchanged", "partial", "empty", "failed", "blocked", "limited", "cancelled", "interrupted"]
"""How a run ended (DESIGN.md, promise 6).

done: something new was archived. unchanged: everything fetched was archived before. partial: something was archived,
but some pages could not be, or the seeds have moved to another site. empty: there was nothing to archive. failed:
nothing could be archived. blocked: robots.txt or the server forbade it. limited: a limit of the source ended it.
cancelled: a user cancelled it. interrupted: the worker stopped; the run can be resumed.
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one source. The same order with the same frontier resumes an interrupted run."""

    run: str
    source: Source
    _: KW_ONLY
    frontier: Path
    """The file of the frontier: created if it is missing, deleted when the run is over."""
    permissions: Permissions = NOTHING
    """What the operator permits the source."""
    urls: tuple[str, ...] = ()
    """Fetched instead of the seeds, without following links."""
    everything: bool = False
    """Whether pages that are not due are requested, too."""
    in_full: bool = False
    """Whether every page is requested in full, without If-None-Match and If-Modified-Since."""
    log: Path | None = None
    """Where noteworthy events are logged, one JSON line each."""
    contact: str | None = None
    """The contact URL in the User-Agent of sources that name none."""
    user_agent: str | None = None
    """The User-Agent of sources that name neither a User-Agent nor a contact."""
    use: Use | None = None
    """Why the pages are archived: what a site reserves is obeyed accordingly."""
    signer: RequestSigner | None = None
    """What signs the requests; None: they are not signed."""
    spiders: Path | None = None
    """The directory of the user's own spiders."""
    items: Path | None = None
    """The file that the items of a user's spider are written to when the run is over."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run has done so far, over all its attempts. Only acknowledged exchanges count as archived."""

    pages: int = 0
    """Pages fetched completely, without redirects and requisites."""
    captures: int = 0
    """Exchanges archived: responses, revisits, and failed ones."""
    revisits: int = 0
    """The revisits among them: their payload was archived before, or the answer was 304."""
    failures: int = 0
    """Pages and requisites that could not be fetched."""
    bytes: int = 0
    """Bytes of bodies received."""
    queued: int = 0
    """URLs still to fetch."""
    drawn: int = 0
    """Pages drawn by scripts: none of their text is archived."""
    tasks: Mapping[str, int] = field(default_factory=dict)
    """URLs in the frontier by state, with the lower-case names of `crawler.policy.rows.State`."""
    unanswered: int = 0
    """The captures without a response: they are in the WARC, and not in the index."""


@dataclass(frozen=True, slots=True)
class Outcome(Counts):
    """The state of a run, or how it ended and why."""

    outcome: Ending | Literal["running"] = "running"
    reason: str = ""
    """A sentence for the operator; empty while the run is active."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """URLs that were not fetched, by reason."""
    completeness: Mapping[str, Any] | None = None
    """The fates of the items that the site lists (`crawler.frontier.completeness`); None if the walk reads no lists."""
    held: int = 0
    """For a mailbox: its messages that are archived, from earlier runs or this one."""
    spider: Mapping[str, Any] | None = None
    """For a user's spider: the number of its `items`, and Scrapy's `stats`."""
