"""The shapes in which people get what we know: the same JSON from the command line and the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from archive.values.capture import Kind

Item = TypeVar("Item")


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    # The list of each kind is a class without a source: to look for it took a fifth of the start of the API.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")


class Captures(Listing["CaptureShape"]):
    """What is kept of a URL."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    alias_of: str | None = None
    """The address under which the page is kept, when nothing is kept under the URL that was asked for."""


class CaptureShape(Shape):
    """One capture of a URL."""

    url: str
    timestamp: str = Field(examples=["20260131120000"])
    """UTC, to the second."""
    stamp: str
    """What names it in addresses: the timestamp, with ~ and its record id where the URL was kept twice in a second."""
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    """What the record is: a revisit's payload was kept already, a not-modified one answered 304."""
    length: int
    """Octets of the payload."""
    sha256: str | None
    """Of the payload."""
    digest: str | None
    """SHA-1 in base32, the digest of CDX."""
    collection: str
    source: str
    run: str
    redirect: str | None = None
    """Where a 3xx answer leads."""
    original: Original | None = None
    """Which capture holds the payload of a revisit."""
    truncated: str | None = None
    verdict: str | None = None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked; null for a page."""
    damaged: DamagedShape | None = None
    """Why its bytes are out of reach; null for a capture that can be read."""
    segment: str
    offset: int
    record_id: str
    page: str
    """Where people see it."""


class DamagedShape(Shape):
    """Why the bytes of a capture are out of reach. The next run of its source fetches the page again."""

    state: Literal["quarantined", "missing", "damaged", "original"]
    """Cut off when the spool was recovered; in no file any more; not as it was written; a revisit of such a record."""
    reason: str
    found_at: datetime


class Original(Shape):
    """The capture that a revisit refers to."""

    url: str
    at: datetime
    record_id: str


class TextShape(Shape):
    """What was read from a page."""

    state: Literal["done", "none", "failed"]
    """Read; nothing there to read; failed, and `reason` says how."""
    reason: str | None = None
    title: str | None = None
    author: str | None = None
    """The authors in one line."""
    authors: list[str] = []
    date: str | None = None
    """When it was published, in ISO 8601, as precise as the page is."""
    modified: str | None = None
    language: str | None = None
    section: str | None = None
    tags: list[str] = []
    image: str | None = None
    """The URL of the lead image."""
    caption: str | None = None
    """What is written below the lead image."""
    description: str | None = None
    site: str | None = None
    source: str | None = None
    """Who the site has it from."""
    canonical: str | None = None
    """The URL that the page says it should be known by."""
    next: str | None = None
    """Where this very article goes on."""
    free: bool | None = None
    """False for a page that says that it is for subscribers only."""
    origins: dict[str, str] = {}
    """Where the value of each field came from."""
    text: str | None = None
    sha256: str | None = None
    extractor: str | None = None
    version: str | None = None


class LinksShape(Shape):
    """Where a snapshot is, in its forms."""

    page: str
    json_: str = Field(alias="json")
    raw: str
    text: str
    markdown: str
    thread: str
    headers: str


class SnapshotShape(Shape):
    """A capture brought back."""

    url: str
    timestamp: str
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    original: Original | None = None
    headers: list[tuple[str, str]]
    """Fields of the response in the order and case of the wire."""
    length: int
    """Octets of the payload as kept: with its content coding on."""
    sha256: str | None
    collection: str
    source: str
    run: str
    truncated: str | None = None
    verdict: str | None = None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked."""
    text: TextShape | None = None
    """Null while nobody has read it."""
    links: LinksShape


class RunShape(Shape):
    """One crawl of one source."""

    id: str
    source: str
    url: str | None = None
    """Of a run that fetches one page and has no source."""
    everything: bool = False
    """Whether it asks for pages that are not due, too."""
    status: Literal["queued", "running", "over"]
    outcome: str | None = None
    reason: str | None = None
    tick: datetime | None = None
    """The slot of the timetable that asked for it; null for a person."""
    requested_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempt: int
    cancelling: bool = False
    pages: int
    captures: int
    revisits: int
    failures: int
    bytes: int
    queued: int
    """URLs still to fetch."""
    drawn_by_scripts: int = 0
    """Pages of which scripts draw the text: it is not archived."""
    completeness: CompletenessShape | None = None
    """Null while it runs, and where no list was read."""
    spider: SpiderShape | None = None
    """Null while it runs, and where no spider of the user's own ran."""


class SpiderShape(Shape):
    """What a spider of the user's own gave."""

    items: int
    """Items that are kept: see `/api/v1/runs/{run}/items`."""
    stats: dict[str, Any]
    """The statistics of Scrapy."""


class MissingShape(Shape):
    """Items that the site lists and that were not had, for one reason."""

    count: int
    example: str | None = None
    """The URL of one of them."""


class IncompleteShape(Shape):
    """A thread that was had without some of its pages."""

    url: str
    missing: str
    """The numbers of the pages: `2-7`."""
    pages: int
    """How many pages the thread has."""


class CompletenessShape(Shape):
    """The items that the site's own lists named in a run, and what became of them."""

    listed: int
    had: int
    """Fetched in this run."""
    known: int
    """Kept by an earlier run, and not due."""
    missing: dict[str, MissingShape]
    """By reason."""
    incomplete: list[IncompleteShape] = []
    """Threads that were had without some of their pages, the first fifty."""
    incomplete_threads: int = 0


class SourceShape(Shape):
    """A site that is kept, and how it stands."""

    name: str
    state: str
    """running, queued, paused, error, or the outcome of the last run; new before the first."""
    seeds: list[str]
    walk: str
    collection: str
    timetable: str | None
    """In words; null for one that is crawled only when asked."""
    next: list[datetime]
    paused: bool
    pause_reason: str | None = None
    blocked_since: datetime | None = None
    """Since when the site keeps its pages from us; null while it does not."""
    blocked_reason: str | None = None
    problem: str | None = None
    """Why its file, as it stands, does not count."""
    file: str
    last_run: RunShape | None = None


class Rule(Shape):
    """What one rule says of a URL."""

    name: str
    allowed: bool
    reason: str
    """A sentence."""


class SourceWhy(Shape):
    """What one source makes of a URL."""

    source: str
    walk: str
    scope: Rule
    robots: Rule
    next_run: datetime | None = None
    fetched_at: datetime | None = None
    """When it was last asked for; null where no run remembers it."""
    changed_at: datetime | None = None
    last: str | None = None
    """What came of it: new, changed, unchanged, barred, gone, failed, moved."""
    verdict: str | None = None
    mark: str | None = None
    """What its list said of it, such as its count of replies."""
    interval_seconds: int | None = None
    due_at: datetime | None = None
    because: str
    """Why then, in a sentence."""


class WhyShape(Shape):
    """All that bears on one URL."""

    url: str
    alias_of: str | None = None
    """The address under which the page is kept, when it is another one."""
    plain: str
    """The URL without what does not say which page is meant."""
    aliases: list[str]
    latest: CaptureShape | None = None
    etag: str | None = None
    last_modified: str | None = None
    verdict: str | None = None
    """What the newest answer was instead of the page: blocked, captcha, login, soft-404, parked."""
    robots: str
    sources: list[SourceWhy]
    """Those that it belongs to, or that asked for it."""
    others: list[Rule]
    """Why it does not belong to the others."""


class EventShape(Shape):
    """One thing that happened."""

    id: int
    at: datetime
    kind: str
    source: str | None = None
    run: str | None = None
    facts: dict[str, object]


class TickShape(Shape):
    """One time at which a source falls due."""

    source: str
    at: datetime


CaptureShape.model_rebuild()
WhyShape.model_rebuild()
