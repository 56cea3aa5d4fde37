"""How many sources that usually bring something new each day brought nothing in the last one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, literal, select, type_coerce

from archive.database.columns import microseconds
from archive.database.engine import Database
from archive.database.schema import runs

DAYS = 14
"""Days with which the last one is compared: each day of the week twice."""
WITHOUT = timedelta(hours=30)
"""A source is silent after a day and some hours without anything new: today's run may be late, or take long."""
_DAY, _PART = timedelta(days=1), timedelta(hours=6)
_PARTS = _DAY // _PART


@dataclass(frozen=True, slots=True)
class Silence:
    """Sources that were silent for `WITHOUT`, of those that brought something new on most days before."""

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
    """Compare the last 30 hours with the days before, by what runs archived that was new or changed.

    Of the sources `among` these, those count that brought something on at least half of the days since their first, and
    on seven or more. Days before the first of a source do not count.
    """
    heard = {source: _days(parts) for source, parts in _active(database, now).items() if source in among}
    usual = {
        source: days
        for source, days in heard.items()
        if (found := len(days - {0})) >= DAYS // 2 and 2 * found >= max(days)
    }
    before = tuple(sum(day not in days and day < max(days) for days in usual.values()) for day in range(1, DAYS + 1))
    return Silence(tuple(sorted(source for source, days in usual.items() if 0 not in days)), len(usual), before)


def _days(parts: Collection[int]) -> frozenset[int]:
    """Return the days on which a source was heard: each begins a part of a day early, with `WITHOUT` in all."""
    longest = WITHOUT // _PART
    return frozenset(day for day in range(DAYS + 1) if any(_PARTS * day + part in parts for part in range(longest)))


def _active(database: Database, now: datetime) -> dict[str, set[int]]:
    """Return in which parts of days, counted back from now, runs of each source were requested that brought something.

    An unfinished run counts by what it has archived so far.
    """
    part = (literal(microseconds(now)) - type_coerce(runs.c.requested_at, BigInteger)) // (
        _PART // timedelta(microseconds=1)
    )
    query = select(runs.c.source, part.label("part")).distinct()
    query = query.where(runs.c.requested_at > now - DAYS * _DAY - WITHOUT, runs.c.requested_at <= now)
    query = query.where(runs.c.url.is_(None), runs.c.captures > runs.c.revisits)
    found = defaultdict[str, set[int]](set)
    with database.reading() as connection:
        for source, number in connection.execute(query):
            found[source].add(int(number))
    return found
