"""The shapes of sources, and of the explanation of one URL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pressmark.views.capture_shapes import CaptureShape, WithheldShape
from pressmark.views.run_shapes import DrawnShape, RunShape
from pressmark.views.shapes import Shape


class SourceShape(Shape):
    """A site that is archived, and its state."""

    name: str
    state: str
    """running, queued, paused, error, or the outcome of the last run; new before the first."""
    seeds: list[str]
    walk: str
    collection: str
    tags: Sequence[str] = ()
    note: str | None = None
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
    fetch: str | None = None
    """Whether a browser renders the page, and why, as a sentence; null for a source without a browser."""
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
    drawn: DrawnShape | None = None
    """How the browser rendered the newest capture, and why; null if it did not."""
    withheld: WithheldShape | None = None
    """Why exports and language models do not get the text of the newest capture; null if they do."""
    robots: str
    sources: list[SourceWhy]
    """The sources that it belongs to, or that requested it."""
    others: list[Rule]
    """Why it does not belong to the others, among those that name its site or can reach other sites."""
    elsewhere: int = 0
    """How many sources neither name its site nor have a walk, a pattern or hosts that can reach other sites. Up to 100
    sources, each is among `others` instead."""
