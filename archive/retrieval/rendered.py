"""What a browser made of a capture: its document, and a picture of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from archive.index.index import Index
from archive.values.capture import SCREENSHOT, Capture


@dataclass(frozen=True, slots=True)
class Rendered:
    """The records beside a capture; None for one that it does not have."""

    document: Capture | None
    screenshot: Capture | None


def rendered(index: Index, capture: Capture) -> Rendered:
    """Return what was recorded beside a capture, at its own moment."""
    there = index.in_second(SCREENSHOT + capture.url, capture.at)
    pictures = (
        one for one in there if (one.at, one.collection, one.kind) == (capture.at, capture.collection, "resource")
    )
    picture = next((one for one in pictures if (one.mime or "").startswith("image/") and not one.damaged), None)
    document = index.drawn_of(capture)
    return Rendered(document if document and not document.damaged else None, picture)


def pictured(index: Index, url: str, times: Collection[datetime]) -> set[tuple[datetime, str]]:
    """Return the moments and collections of the pictures of a page between the first and the last of these times."""
    if not times:
        return set()
    found = index.captures(SCREENSHOT + url, since=min(times), until=max(times))
    return {(one.at, one.collection) for one in found if not one.damaged}


def latest_picture(index: Index, url: str) -> Capture | None:
    """Return the newest picture of a page; None if there is none."""
    found = index.captures(SCREENSHOT + url, newest_first=True, limit=1)
    return next((one for one in found if not one.damaged), None)
