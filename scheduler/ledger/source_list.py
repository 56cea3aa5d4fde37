"""All sources in the order in which lists show them, kept up to date at the cost of what has changed.

A page of a list must not cost more with every source. Whatever changes how a source stands is an event, a change of the
sources, or a moment at which a run is missing.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from config.load import Sources
from config.values.timetable import Timed
from scheduler.events import Events
from scheduler.ledger.source_states import SourceRank, SourceStates
from scheduler.pauses import EVERYTHING
from scheduler.timetables.timetable_marks import SKEW

_OVERLAP = 200
"""Numbers of events that are looked at again: of two transactions, the first number may become visible last."""
_MOST = 1_000
"""Events, or sources that become late, after which all sources are looked at again."""


class Page(NamedTuple):
    """A page of the sources."""

    names: Sequence[str]
    following: str | None
    """The key that the next page is after; None on the last page."""
    unwell: int
    """How many of all need attention."""
    all: int


class SourceList:
    """The sources of a home. `stand` tells how some of them stand. Any thread may call."""

    def __init__(
        self, sources: Sources, events: Events, stand: Callable[[Sequence[str]], SourceStates], *, zone: str
    ) -> None:
        self._sources, self._events, self._stand, self._zone = sources, events, stand, zone
        self._version = -1
        self._at: datetime | None = None
        self._newest, self._seen = 0, frozenset[int]()
        self._keys: dict[str, str] = {}
        self._sorted: list[str] = []
        self._turning: list[tuple[datetime, str]] = []
        """When a source becomes late, soonest first; some have been looked at since, which does no harm."""
        self._refreshing = threading.Lock()

    def page(self, after: str, count: int, now: datetime, only: Container[str] | None = None) -> Page:
        """Return so many sources after a key, of all or `only` of these. Any string is a key."""
        with self._refreshing:
            self._refresh(now)
            found = self._sorted if only is None else [key for key in self._sorted if _name(key) in only]
            begin = bisect_right(found, after)
            keys = found[begin : begin + count]
            following = keys[-1] if len(found) > begin + count else None
            return Page([_name(key) for key in keys], following, bisect_left(found, "well "), len(found))

    def _refresh(self, now: datetime) -> None:
        at, self._at = self._at, None  # if this fails, the next look begins again: events that were read are not lost
        version, back = self._sources.version, at is None or now < at - SKEW
        changed = self._changed(now)
        if changed is None or back or version != self._version:
            self._begin_again(now)
        else:
            self._replace(self._places(changed & self._keys.keys(), now))
        self._version, self._at = version, now if at is None or back else max(at, now)

    def _changed(self, now: datetime) -> set[str] | None:
        """Return the sources that may stand otherwise than before; None for all of them."""
        rows = self._events.since(self._newest - _OVERLAP, limit=_MOST + _OVERLAP)
        changed = {source for number, source in rows if number not in self._seen and source is not None}
        is_all = len(rows) >= _MOST + _OVERLAP or EVERYTHING in changed
        newest = self._events.latest() if is_all else rows[-1][0] if rows else self._newest
        self._newest, self._seen = newest, frozenset(number for number, _ in rows)
        while self._turning and self._turning[0][0] <= now:
            changed.add(heappop(self._turning)[1])
        return None if is_all or len(changed) > _MOST else changed

    def _begin_again(self, now: datetime) -> None:
        outlines = self._sources.outlines()
        places = _placed(self._stand([one.name for one in outlines]), outlines, self._zone, now)
        self._keys = {place.name: place.key for place in places}
        self._sorted = sorted(self._keys.values())
        self._turning = [(place.late_at, place.name) for place in places if place.late_at]
        heapify(self._turning)

    def _places(self, names: Iterable[str], now: datetime) -> Sequence[SourceRank]:
        found = [source for name in names if (source := self._sources.good.get(name))]
        return _placed(self._stand([source.name for source in found]), found, self._zone, now) if found else ()

    def _replace(self, places: Iterable[SourceRank]) -> None:
        for place in places:
            if place.key != self._keys[place.name]:
                del self._sorted[bisect_left(self._sorted, self._keys[place.name])]
                insort(self._sorted, place.key)
                self._keys[place.name] = place.key
            if place.late_at:
                heappush(self._turning, (place.late_at, place.name))


def _placed(standing: SourceStates, sources: Sequence[Timed], zone: str, now: datetime) -> list[SourceRank]:
    return [standing.place(source, zone, now) for source in sources]


def _name(key: str) -> str:
    """Return the source of a key."""
    return key.partition(" ")[2]
