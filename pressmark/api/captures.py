"""/api/v1/captures: what is kept of a URL."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from archive.database.schema import microseconds, moment
from archive.timestamps import parse_timestamp
from pressmark import describe
from pressmark.api.desk import Desk
from pressmark.service import Service
from pressmark.shapes import Captures, WhyShape
from pressmark.why import why

router = APIRouter(prefix="/api/v1", tags=["captures"])

Match = Literal["exact", "prefix", "host", "domain"]
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/captures")
def list_captures(
    service: Desk,
    *,
    url: Annotated[str, Query(min_length=1, max_length=8192)],
    since: str | None = None,
    until: str | None = None,
    match: Match = "exact",
    collection: str | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> Captures:
    """The captures of a URL, the newest first; with another `match`, those of all URLs that it covers, by URL.

    `since` and `until` are timestamps, any beginning of YYYYMMDDhhmmss; an end stands for the whole of what it names.
    Of another address of a page the captures of the page are given, and `alias_of` says so.
    """
    return captures_of(
        service, url, since=since, until=until, match=match, collection=collection, cursor=cursor, limit=limit
    )


@router.get("/why")
def explain_page(service: Desk, *, url: Annotated[str, Query(min_length=1, max_length=8192)]) -> WhyShape:
    """All that bears on a URL: its captures, its other addresses, when it is asked for again, and by which rules."""
    return why(service, url)


def captures_of(
    service: Service,
    url: str,
    *,
    since: str | None = None,
    until: str | None = None,
    match: Match = "exact",
    collection: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> Captures:
    """A page of captures. Raises ValueError for a cursor, or a time, that is none."""
    at, before = read_cursor(cursor) if cursor else (None, 0)
    address = service.archive.address_of(url, collection) if match == "exact" else None
    url = address or url
    found = service.archive.captures(
        url,
        since=parse_timestamp(since) if since else None,
        until=at or (parse_timestamp(until, end=True) if until else None),
        match=match,
        collection=collection,
        newest_first=match == "exact",
        limit=before + limit + 1,
    )
    rows = list(islice(found, before, None))
    more = len(rows) > limit
    rows = rows[:limit]
    shapes = describe.capture_shapes(service, rows)
    if match != "exact":
        return Captures(items=shapes, next=write_cursor(None, before + limit) if more else None)
    same = sum(row.at == rows[-1].at for row in rows) + (before if rows and rows[-1].at == at else 0)
    return Captures(items=shapes, next=write_cursor(rows[-1].at, same) if more else None, alias_of=address)


def write_cursor(at: datetime | None, before: int) -> str:
    """The moment from which a page goes on, and how many captures of it came before; a count alone goes by rank."""
    return f"{microseconds(at)}.{before}" if at else str(before)


def read_cursor(cursor: str) -> tuple[datetime | None, int]:
    """Raises ValueError."""
    at, dot, before = cursor.rpartition(".")
    try:
        return (moment(int(at)) if dot else None), int(before)
    except (ValueError, OverflowError):
        raise ValueError(f"{cursor!r} is no cursor: give the one that came with the page before") from None
