"""What a browser made of a capture: its document, pictures of it, and what the page requested and said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from archive.index.index import Index
from archive.values.capture import MEDIA, PAGE_INFO, SCREENSHOT, THUMBNAIL, Capture
from archive.values.media import MEDIA_TYPE


@dataclass(frozen=True, slots=True)
class Rendered:
    """The records beside a capture; None for one that it does not have."""

    document: Capture | None
    screenshot: Capture | None
    info: Capture | None = None
    """What the page requested and said, as JSON."""


def rendered(index: Index, capture: Capture) -> Rendered:
    """Return what was recorded beside a capture, at its own moment."""
    document = index.drawn_of(capture)
    picture = _beside(index, capture, SCREENSHOT, "image/")
    info = _beside(index, capture, PAGE_INFO, "application/json")
    return Rendered(document if document and not document.damaged else None, picture, info)


def small_picture(index: Index, capture: Capture) -> Capture | None:
    """Return the small picture of a capture, or else the picture; None without one."""
    return _beside(index, capture, THUMBNAIL, "image/") or _beside(index, capture, SCREENSHOT, "image/")


def media_list(index: Index, capture: Capture) -> Capture | None:
    """Return the list of the video and audio of a capture; None for one without."""
    return _beside(index, capture, MEDIA, MEDIA_TYPE)


def _beside(index: Index, capture: Capture, prefix: str, mime: str) -> Capture | None:
    wanted = (capture.at, capture.collection, "resource")
    there = (one for one in index.in_second(prefix + capture.url, capture.at))
    found = (one for one in there if (one.at, one.collection, one.kind) == wanted and not one.damaged)
    return next((one for one in found if (one.mime or "").startswith(mime)), None)


def pictured(index: Index, url: str, times: Collection[datetime]) -> set[tuple[datetime, str]]:
    """Return the moments and collections of the pictures of a page between the first and the last of these times."""
    if not times:
        return set()
    found = index.captures(SCREENSHOT + url, since=min(times), until=max(times))
    return {(one.at, one.collection) for one in found if not one.damaged}


def pictures_of_days(index: Index, url: str, since: datetime, until: datetime) -> dict[date, datetime]:
    """Return the moment of the last picture of a page on each day (UTC) that has one."""
    found = index.captures(SCREENSHOT + url, since=since, until=until)
    return {one.at.date(): one.at for one in found if not one.damaged}


def latest_picture(index: Index, url: str) -> Capture | None:
    """Return the newest picture of a page; None if there is none."""
    found = index.captures(SCREENSHOT + url, newest_first=True, limit=1)
    return next((one for one in found if not one.damaged), None)
