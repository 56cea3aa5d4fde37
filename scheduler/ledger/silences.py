"""How many sources that usually bring something new each day brought nothing in the last one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, literal, select, type_coerce

from archive.database.columns import microseconds
from archive.database.engine import Database
from archive.database.schema import runs

DAYS = 14
"""Days with which the last one is compared: each day of the week twice."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """Sources that were silent in the last 24 hours, of those that brought something new on most days before."""

    silent: tuple[str, ...]
    """In the order of their names."""
    usual: int
    """How many bring something on most days."""
    before: tuple[int, ...]
    """How many of these were silent on each of the days before, newest first."""

    @property
    def is_strange(self) -> bool:
        """Whether more are silent than on any day before, by half, and at least three and one in twenty."""
        count = len(self.silent)
        return count >= 3 and 20 * count >= self.usual and 2 * count > 3 * max(self.before, default=0)


def silence(database: Database, now: datetime, among: Container[str]) -> Silence:
    """Compare the last 24 hours with the days before, by what finished runs archived that was new or changed.

    Of the sources `among` these, those count that brought something on at least half of the days since their first, and
    on seven or more. Days before the first of a source do not count.
    """
    active = _active(database, now)
    usual = {
        source: days
        for source, days in active.items()
        if source in among and (found := len(days - {0})) >= DAYS // 2 and 2 * found >= max(days)
    }
    before = tuple(sum(day not in days and day < max(days) for days in usual.values()) for day in range(1, DAYS + 1))
    return Silence(tuple(sorted(source for source, days in usual.items() if 0 not in days)), len(usual), before)


def _active(database: Database, now: datetime) -> dict[str, set[int]]:
    """Return on which days each source brought something new: 0 are the last 24 hours, 1 those before."""
    day = (literal(microseconds(now)) - type_coerce(runs.c.requested_at, BigInteger)) // (
        _DAY // timedelta(microseconds=1)
    )
    query = select(runs.c.source, day.label("day")).distinct()
    query = query.where(runs.c.requested_at > now - (DAYS + 1) * _DAY, runs.c.requested_at <= now)
    over = runs.c.status.concat("") == "over"  # as an expression: SQLite might read all finished runs by their index
    query = query.where(over, runs.c.url.is_(None), runs.c.captures > runs.c.revisits)
    found = defaultdict[str, set[int]](set)
    with database.reading() as connection:
        for source, number in connection.execute(query):
            found[source].add(int(number))
    return found
