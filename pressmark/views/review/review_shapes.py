"""The shapes of the review of a run."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pressmark.views.shapes import Shape
from scheduler.ledger.review_marks import Judgement

Finding = Literal["suspicious", "failed", "missing", "changed", "new"]
FINDINGS: tuple[Finding, ...] = ("suspicious", "failed", "missing", "changed", "new")
"""The worst first."""


class ReviewMarkShape(Shape):
    """What a person said of a page in a run."""

    url: str
    judgement: Judgement | None
    """Null for a note alone."""
    note: str
    by: str
    at: datetime
    again: str | None = None
    """The id of the run that archives the page again."""


class CollectionReviewShape(Shape):
    """How many pages of a collection have each mark."""

    collection: str
    good: int
    bad: int
    recapture: int
    notes: int


class ReviewItemShape(Shape):
    """A page that a run found something about."""

    finding: Finding
    url: str
    reason: str | None
    """Why it is suspicious, failed or missing, as a sentence."""
    title: str | None = None
    language: str | None = None
    at: datetime | None = None
    """The time of the capture; null without one."""
    record_id: str | None = None
    page: str | None = None
    """The path of the archived page; null without a capture."""
    diff: str | None = None
    """The path of what changed; null if there is nothing to compare."""
    mark: ReviewMarkShape | None = None
    """What a person said of it; null if nobody did."""


class ReviewShape(Shape):
    """What a run found, the worst first. A page is listed once, with its worst finding."""

    run: str
    source: str
    outcome: str | None
    """Null while it runs."""
    reason: str | None
    """Why it ended so: a run whose start page could not be fetched may list no page."""
    counts: dict[Finding, int]
    """The number of pages of each finding, also of those that `items` has no room for."""
    compared: int
    """The number of changed pages whose texts were compared with those before."""
    items: list[ReviewItemShape]
