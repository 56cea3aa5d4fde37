"""Copies of a text as all doors show them: other pages with nearly the same text."""

from __future__ import annotations

from datetime import datetime

from archive.texts.search.similar import Copies, Copy
from archive.values.timestamps import timestamp14
from pressmark.views.links import link
from pressmark.views.shapes import Shape


class CopyShape(Shape):
    """Another address with nearly the same text."""

    url: str
    timestamp: str
    """UTC, to the second: when the page was first captured with that text."""
    at: datetime
    likeness: float
    """0 to 1: the estimated share that the two texts have in common."""
    title: str | None
    language: str | None
    source: str
    collection: str
    record_id: str
    page: str
    """The page that shows it."""


class CopiesShape(Shape):
    """Other pages with nearly the same text."""

    items: list[CopyShape]
    """The most alike first."""
    total: int
    """How many there are."""
    complete: bool
    """False when there are more than were compared: `total` is then a minimum."""
    comparable: bool
    """False for a text that is too short to compare."""


def copies_shape(copies: Copies) -> CopiesShape:
    items = [_copy_shape(one) for one in copies.items]
    return CopiesShape(items=items, total=copies.total, complete=copies.complete, comparable=copies.comparable)


def _copy_shape(copy: Copy) -> CopyShape:
    return CopyShape(
        url=copy.url,
        timestamp=timestamp14(copy.at),
        at=copy.at,
        likeness=round(copy.likeness, 3),
        title=copy.title,
        language=copy.language,
        source=copy.source,
        collection=copy.collection,
        record_id=copy.record_id,
        page=f"/snapshot/{timestamp14(copy.at)}/{link(copy.url)}",
    )
