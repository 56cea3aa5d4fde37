"""Captures of a URL page by page, with a cursor for the beginning of the next page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from archive.database.schema import microseconds, moment
from archive.values.capture import Capture
from archive.values.timestamps import parse_timestamp
from archive.values.urlkey import Match
from pressmark.service.service import Service
from pressmark.views import describe_captures
from pressmark.views.capture_shapes import Captures, CaptureShape


def captures_of(
    service: Service,
    url: str,
    *,
    since: str | None = None,
    until: str | None = None,
    match: Match = "exact",
    collection: str | None = None,
    tag: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> Captures:
    """Return a page of captures, with a `tag` of those that have it. Raises ValueError for a bad cursor or time."""
    place = read_cursor(cursor) if cursor else None
    if place and bool(place.urlkey) != (match != "exact"):
        raise ValueError(f"the cursor {cursor!r} belongs to another list")
    address = service.archive.address_of(url, collection) if match == "exact" else None
    found = service.archive.captures(
        address or url,
        since=parse_timestamp(since) if since else None,
        until=_until(place, until),
        match=match,
        collection=collection,
        tag=tag or None,
        start=(place.urlkey, place.at) if place and place.urlkey else None,
        newest_first=match == "exact",
        limit=(place.before if place else 0) + limit + 1,
    )
    rows = list(islice(found, place.before if place else 0, None))
    more, rows = len(rows) > limit, rows[:limit]
    following = write_cursor(_place(rows, place, exact=match == "exact")) if more else None
    return Captures(items=describe_captures.capture_shapes(service, rows), next=following, alias_of=address)


def shows_page(capture: CaptureShape) -> bool:
    """Return whether a capture holds the page itself, neither an error nor a redirect, and can be read."""
    status = capture.status
    good = capture.kind == "resource" if status is None else status < 300 or status == 304
    return good and capture.verdict is None and capture.damaged is None


class Place(NamedTuple):
    """Where a list continues: at a moment, and at the captures of a key when the list covers several."""

    at: datetime
    before: int
    """How many captures of exactly that moment were listed already."""
    urlkey: str = ""


def _until(place: Place | None, until: str | None) -> datetime | None:
    if place and not place.urlkey:
        return place.at
    return parse_timestamp(until, end=True) if until else None


def _place(rows: Sequence[Capture], before: Place | None, *, exact: bool) -> Place:
    last = rows[-1]
    here = Place(last.at, sum((row.urlkey, row.at) == (last.urlkey, last.at) for row in rows), last.urlkey)
    if exact:
        here = here._replace(urlkey="")
    went_on = before and (before.at, before.urlkey) == (here.at, here.urlkey)
    return here._replace(before=here.before + before.before) if before and went_on else here


def write_cursor(place: Place) -> str:
    return f"{microseconds(place.at)}.{place.before}{f'.{place.urlkey}' if place.urlkey else ''}"


def read_cursor(cursor: str) -> Place:
    """Parse a cursor. Raises ValueError."""
    at, _, rest = cursor.partition(".")
    before, _, key = rest.partition(".")
    try:
        return Place(moment(int(at)), int(before), key)
    except (ValueError, OverflowError):
        raise ValueError(f"invalid cursor {cursor!r}: use the one returned with the previous page") from None
