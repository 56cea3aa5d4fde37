"""List the captures of a run, page by page: its pages, or also their images, styles and scripts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, literal, or_, select, type_coerce

from archive.database.engine import Database
from archive.database.schema import captures, microseconds, moment
from archive.database.statements import batches
from archive.index.rows import capture_of, select_captures
from archive.values.capture import WITH_PAYLOAD, Capture
from archive.values.reservations import SITE_FILES

_REQUISITES = ("image/%", "font/%", "audio/%", "video/%", "text/css", "%javascript", "application/font%")
"""Types of requisites, as patterns of LIKE."""
_MOST = 60
"""Intervals of time in which the captures of a run are counted."""
_LENGTHS = tuple(1_000_000 * seconds for seconds in (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 21_600, 86_400))
"""In microseconds."""
IS_SITE_FILE = or_(*(captures.c.urlkey.like(f"%){path}") for path in SITE_FILES))
"""The keys of robots.txt and the files beside it."""


def captures_of_run(
    database: Database, run: str, *, after: int = 0, limit: int = 50, requisites: bool = False
) -> tuple[Sequence[Capture], int | None]:
    """Return the captures of a run in the order of indexing, and the value of `after` for the next page; None at the
    end. Without `requisites`, only pages, feeds, documents and redirects.
    """
    query = select_captures().where(captures.c.run == run, captures.c.id > after)
    if not requisites:
        query = query.where(_is_page())
    with database.reading() as connection:
        rows = connection.execute(query.order_by(captures.c.id).limit(limit + 1)).all()
    following = rows[limit - 1].id if len(rows) > limit else None
    return [capture_of(row) for row in rows[:limit]], following


def has_captures(database: Database, run: str) -> bool:
    """Return whether a run has indexed captures."""
    query = select(captures.c.id).where(captures.c.run == run).limit(1)
    with database.reading() as connection:
        return connection.execute(query).first() is not None


def shown_of_run(database: Database, run: str, records: Collection[str]) -> set[str]:
    """Return which of these records are captures of a run that the reader may see."""
    found = set[str]()
    with database.reading() as connection:
        for batch in batches(records, 500):
            query = select(captures.c.record_id).where(captures.c.run == run, captures.c.record_id.in_(batch))
            found.update(connection.execute(query).scalars())
    return found


class RunTotals(NamedTuple):
    """The totals of a run."""

    pages: int
    captures: int
    revisits: int
    bytes: int
    last: datetime | None
    """The time of the last capture."""


def tallied(database: Database, run: str) -> RunTotals:
    """Count the indexed captures of a run.

    What a browser drew is a capture, as in a run's own counts; it has no status, and it was not received.
    """
    received = captures.c.status.is_not(None)
    revisits = func.count().filter(captures.c.kind.not_in(WITH_PAYLOAD))
    pages = func.count().filter(received, ~IS_SITE_FILE)
    size = cast(func.coalesce(func.sum(captures.c.payload_length).filter(received), 0), BigInteger)
    query = select(pages, func.count(), revisits, size, func.max(captures.c.at)).where(captures.c.run == run)
    with database.reading() as connection:
        return RunTotals(*connection.execute(query).one())


def counted_by_time(database: Database, run: str, until: datetime | None = None) -> Sequence[tuple[datetime, int]]:
    """Return how many captures a run made in each interval of time, from the first to the last, empty ones too.

    The intervals begin at these times and have the same length, so that there are at most `_MOST` of them. With
    `until`, they reach to that time: an active run may be waiting for its site.
    """
    place = type_coerce(captures.c.at, BigInteger)
    with database.reading() as connection:
        of_run = captures.c.run == run
        first, last = connection.execute(select(func.min(place), func.max(place)).where(of_run)).one()
        if first is None:
            return []
        last = max(last, microseconds(until)) if until else last
        length = next((one for one in _LENGTHS if (last - first) // one < _MOST), -(-(last - first + 1) // _MOST))
        number = ((place - literal(first, BigInteger)) // literal(length, BigInteger)).label("number")
        query = select(number, func.count()).where(of_run).group_by(number)
        counts = {int(interval): int(count) for interval, count in connection.execute(query)}
    intervals = range((last - first) // length + 1)
    return [(moment(first + interval * length), counts.get(interval, 0)) for interval in intervals]


def _is_page() -> ColumnElement[bool]:
    kind = func.coalesce(captures.c.mime, _type_of_original(), "")
    is_requisite = or_(*(kind.like(pattern) for pattern in _REQUISITES))
    is_beside_page = captures.c.urlkey.like("urn:%")
    return and_(~is_requisite, ~IS_SITE_FILE, captures.c.kind != "conversion", ~is_beside_page)


def _type_of_original() -> Any:
    """Return the type of a 304's original: the response itself has none."""
    original = captures.alias()
    named = and_(original.c.urlkey == captures.c.urlkey, original.c.at == captures.c.refers_to_at)
    return select(original.c.mime).where(named).limit(1).scalar_subquery()
