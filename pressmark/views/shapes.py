"""The shapes of results: the same JSON from the command line and the API."""

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

    # Each kind of list is a class without source code: searching for it took a fifth of the start of the API.
    model_config = ConfigDict(use_attribute_docstrings=False)

    items: list[Item]
    next: str | None = Field(default=None, description="The cursor of the next page; null on the last one.")


class Captures(Listing["CaptureShape"]):
    """The captures of a URL."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    alias_of: str | None = None
    """The address under which the page is archived, if the requested URL has no captures."""


class CaptureShape(Shape):
    """One capture of a URL."""

    url: str
    timestamp: str = Field(examples=["20260131120000"])
    """UTC, to the second."""
    stamp: str
    """Its name in addresses: the timestamp, with ~ and its record id if the URL was captured twice in a second."""
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    """The kind of record: the payload of a revisit was archived before, a not-modified one answered 304."""
    length: int
    """Bytes of the payload."""
    sha256: str | None
    """Of the payload."""
    digest: str | None
    """SHA-1 in base32, the digest of CDX."""
    collection: str
    source: str
    run: str
    redirect: str | None = None
    """The target of a 3xx answer."""
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
    """The page that shows it."""


class DamagedShape(Shape):
    """Why the bytes of a capture are out of reach. The next run of its source fetches the page again."""

    state: Literal["quarantined", "missing", "damaged", "original"]
    """Cut off when the spool was recovered; missing in all files; changed since it was written; a revisit of such a
    record.
    """
    reason: str
    found_at: datetime


class Original(Shape):
    """The capture that a revisit refers to."""

    url: str
    at: datetime
    record_id: str


class TextShape(Shape):
    """The text extracted from a page."""

    state: Literal["done", "none", "failed"]
    """Extracted; nothing there to extract; failed, and `reason` says how."""
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
    """The caption of the lead image."""
    description: str | None = None
    site: str | None = None
    source: str | None = None
    """The agency or site that it was taken from."""
    canonical: str | None = None
    """The canonical URL that the page names."""
    next: str | None = None
    """The next part of this article."""
    free: bool | None = None
    """False for a page that says that it is for subscribers only."""
    origins: dict[str, str] = {}
    """Where the value of each field came from."""
    text: str | None = None
    sha256: str | None = None
    extractor: str | None = None
    version: str | None = None


class LinksShape(Shape):
    """The addresses of a snapshot in its forms."""

    page: str
    json_: str = Field(alias="json")
    raw: str
    text: str
    markdown: str
    thread: str
    headers: str


class SnapshotShape(Shape):
    """A retrieved capture."""

    url: str
    timestamp: str
    at: datetime
    status: int | None
    mime: str | None
    kind: Kind
    original: Original | None = None
    headers: list[tuple[str, str]]
    """Fields of the response in their order and case on the wire."""
    length: int
    """Bytes of the archived payload, with its content coding."""
    sha256: str | None
    collection: str
    source: str
    run: str
    truncated: str | None = None
    verdict: str | None = None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked."""
    text: TextShape | None = None
    """Null until it is extracted."""
    links: LinksShape


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
    not_fetched: dict[str, int] = {}
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
    incomplete: list[IncompleteShape] = []
    """The first fifty threads that lack some of their pages."""
    incomplete_threads: int = 0


class SourceShape(Shape):
    """A site that is archived, and its state."""

    name: str
    state: str
    """running, queued, paused, error, or the outcome of the last run; new before the first."""
    seeds: list[str]
    walk: str
    collection: str
    timetable: str | None
    """In words; null for a source that is crawled only on request."""
    next: list[datetime]
    paused: bool
    pause_reason: str | None = None
    blocked_since: datetime | None = None
    """Since when the site blocks us; null while it does not."""
    blocked_reason: str | None = None
    problem: str | None = None
    """Why its current file is not used."""
    file: str
    last_run: RunShape | None = None


class Rule(Shape):
    """The result of one rule for a URL."""

    name: str
    allowed: bool
    reason: str
    """A sentence."""


class SourceWhy(Shape):
    """What one source says of a URL."""

    source: str
    walk: str
    scope: Rule
    robots: Rule
    next_run: datetime | None = None
    fetched_at: datetime | None = None
    """When it was last requested; null if no run remembers it."""
    changed_at: datetime | None = None
    last: str | None = None
    """The result: new, changed, unchanged, barred, gone, failed, moved."""
    verdict: str | None = None
    mark: str | None = None
    """What its list said of it, such as its count of replies."""
    interval_seconds: int | None = None
    due_at: datetime | None = None
    because: str
    """Why then, as a sentence."""


class WhyShape(Shape):
    """Everything known of one URL."""

    url: str
    alias_of: str | None = None
    """The address under which the page is archived, if it is another one."""
    plain: str
    """The URL without parameters that do not identify the page."""
    aliases: list[str]
    latest: CaptureShape | None = None
    etag: str | None = None
    last_modified: str | None = None
    verdict: str | None = None
    """What the newest answer was instead of the page: blocked, captcha, login, soft-404, parked."""
    robots: str
    sources: list[SourceWhy]
    """The sources that it belongs to, or that requested it."""
    others: list[Rule]
    """Why it does not belong to the others."""


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


CaptureShape.model_rebuild()
WhyShape.model_rebuild()
