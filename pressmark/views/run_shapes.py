"""The shapes of runs, their results, events and coming times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from pressmark.views.shapes import Listing, Shape


class SpiderShape(Shape):
    """The results of a user's own spider."""

    items: int
    """Archived items: see `/api/v1/runs/{run}/items`."""
    stats: dict[str, Any]
    """Scrapy's statistics."""


class MissingShape(Shape):
    """Listed items that were not fetched, for one reason."""

    count: int
    example: str | None = None
    """The URL of one of them."""


class IncompleteShape(Shape):
    """A thread that lacks some of its pages."""

    url: str
    missing: str
    """The numbers of the missing pages: `2-7`."""
    pages: int
    """How many pages the thread has."""


class CompletenessShape(Shape):
    """The items that the site's own lists named in a run, and their fates."""

    listed: int
    had: int
    """Fetched in this run."""
    known: int
    """Archived by an earlier run, and not due."""
    missing: dict[str, MissingShape]
    """By reason."""
    incomplete: list[IncompleteShape] = Field(default=[])
    """The first fifty threads that lack some of their pages."""
    incomplete_threads: int = 0


class RunShape(Shape):
    """One crawl of one source."""

    id: str
    source: str
    url: str | None = None
    """The URL of a run that fetches one page and has no source."""
    everything: bool = False
    """Whether it also requests pages that are not due."""
    in_full: bool = False
    """Whether it requests every page in full, without conditions."""
    status: Literal["queued", "running", "over"]
    outcome: str | None = None
    reason: str | None = None
    tick: datetime | None = None
    """The slot of the timetable that requested it; null for a person."""
    requested_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempt: int
    config_hash: str | None = None
    """SHA-256 of the description of the source that it follows; null before it starts."""
    cancelling: bool = False
    pages: int
    captures: int
    revisits: int
    failures: int
    bytes: int
    queued: int
    """URLs still to fetch."""
    drawn_by_scripts: int = 0
    """Pages whose text is drawn by scripts: it is not archived."""
    not_fetched: dict[str, int] = Field(default={})
    """How many URLs were found and not fetched, by reason, such as `not-due` or `robots`; empty while it runs."""
    completeness: CompletenessShape | None = None
    """Null while it runs, and if no list was read."""
    spider: SpiderShape | None = None
    """Null while it runs, and if no user's spider ran."""


class FailureShape(Shape):
    """A URL that could not be fetched."""

    url: str
    reason: str
    at: datetime


class FailureListing(Listing[FailureShape]):
    """The URLs that a run could not fetch, as its log names them."""

    log_missing: str | None = Field(
        default=None,
        description="Why nothing can be listed although URLs failed: this machine does not have the log of the run; "
        "null if it has.",
    )


class DrawnShape(Shape):
    """A page that a browser rendered, why, and what it took."""

    url: str
    at: datetime
    reason: str
    """The sign that scripts create its text, or the key of the source that says so."""
    requests: int = 0
    """Requests of the page and its scripts."""
    bytes: int = 0
    """What the page and its scripts received for them, decompressed."""
    seconds: float = 0.0
    refused: dict[str, int] = Field(default={})
    """Requests that got no answer, by reason."""
    behaviours: dict[str, int] = Field(default={})
    """What was done to the page, by rule, such as `consent refused: OneTrust`."""
    complete: bool = True
    """False for a page whose time was over before it was complete."""
    problem: str | None = None
    """Why it could not be rendered; null if it was."""


class EventShape(Shape):
    """One event."""

    id: int
    at: datetime
    kind: str
    source: str | None = None
    run: str | None = None
    facts: dict[str, object]


class TickShape(Shape):
    """One time at which a source is due."""

    source: str
    at: datetime
