"""What is asked of a crawl, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any, Literal

from config.source import Source

Ending = Literal["done", "unchanged", "partial", "empty", "failed", "blocked", "limited", "cancelled", "interrupted"]
"""How a run ended (DESIGN.md, promise 6).

done: something new was kept. unchanged: all that was fetched is kept already. partial: something was kept, some pages
could not be, or the seeds have moved to another site. empty: nothing was there to keep. failed: nothing could be kept.
blocked: robots.txt or the server forbade it. limited: a limit of the source ended it. cancelled: somebody did.
interrupted: the worker stopped; it can go on.
"""


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one source. The same order with the same frontier goes on where an interrupted one stopped."""

    run: str
    source: Source
    _: KW_ONLY
    frontier: Path
    """The file of the frontier: made when it is not there, deleted when the run is over."""
    urls: tuple[str, ...] = ()
    """Fetched instead of the seeds; then they alone, without following links."""
    everything: bool = False
    """Whether pages are asked for that are not due, too."""
    log: Path | None = None
    """Where the noteworthy events go, one JSON line each."""
    contact: str | None = None
    """A URL for the User-Agent of sources that name none."""
    user_agent: str | None = None
    """The User-Agent of sources that name neither one nor a contact."""
    spiders: Path | None = None
    """The directory of the user's own spiders."""
    items: Path | None = None
    """The file that the items of a user's spider are written to when the run is over."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run has done so far, over all its attempts. Only what was acknowledged is counted as kept."""

    pages: int = 0
    """Pages fetched to their end, redirects and requisites not counted."""
    captures: int = 0
    """Exchanges kept: responses, revisits, and those that failed."""
    revisits: int = 0
    """Those whose payload was kept already, 304s among them."""
    failures: int = 0
    """Pages and requisites that could not be fetched."""
    bytes: int = 0
    """Bytes of bodies received."""
    queued: int = 0
    """URLs still to fetch."""
    drawn: int = 0
    """Pages that scripts draw: of their text nothing is kept."""
    tasks: Mapping[str, int] = field(default_factory=dict)
    """URLs in the frontier, by where they stand: the names are those of `crawler.policy.rows.State`, in small
    letters."""


@dataclass(frozen=True, slots=True)
class Outcome(Counts):
    """How a run stands, or how it ended and why."""

    outcome: Ending | Literal["running"] = "running"
    reason: str = ""
    """A sentence for the operator; empty while the run goes on."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """URLs that were not fetched, by reason."""
    completeness: Mapping[str, Any] | None = None
    """What became of the items that the site lists (`crawler.frontier.completeness`); None where a walk reads no
    lists."""
    spider: Mapping[str, Any] | None = None
    """Of a user's spider: how many `items` it gave, and the `stats` of Scrapy."""
