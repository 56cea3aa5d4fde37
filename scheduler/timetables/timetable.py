"""When sources are due. Pure: timetables and moments in, ticks out.

A local time means one moment, in spite of summer time. A time that does not exist (the clock jumps over it) means the
moment at which the clock would have shown it without the jump; a time that exists twice means the first of both. So no
slot is lost or doubled.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from itertools import chain, islice
from zoneinfo import ZoneInfo

from config.values.cron import parse_cron
from config.values.timetable import ANCHOR, Timed, Timetable

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_GROWN = timedelta(days=366)
_HORIZON = timedelta(days=366 * 30)
_REMEMBERED = 1 << 17
"""More than there are sources: callers that list all of them in turn would never hit a smaller cache."""
_DISTINCT, _DAYS = 1 << 12, 32
"""Timetables, and days of each whose slots are remembered: many sources have the same."""
_SHARED = timedelta(days=8)
"""The slots of a longer span are not remembered."""
ON_TIME = timedelta(minutes=1)
"""A tick found at most this late does not count as missed."""

Slots = Callable[[datetime, datetime], Iterator[datetime]]


@dataclass(frozen=True, slots=True, order=True)
class Tick:
    """One moment at which a source is due."""

    due: datetime
    """When to start, in UTC: the slot, the shift of the source, and the jitter of the slot."""
    source: str
    at: datetime
    """The slot itself in UTC. With the source, it identifies the tick."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timetable: a source, its slots, and what to do about missed ones."""

    source: str
    slots: Slots
    """Return the slots after one moment and up to another, ascending, each once."""
    jitter: timedelta = timedelta(0)
    shift: timedelta = timedelta(0)
    """How much later than its slots this source always starts."""
    catch_up: str = "once"
    rhythm: str = ""
    """Distinguishes the slots of this entry from those of another timetable."""

    def tick(self, at: datetime) -> Tick:
        return Tick(at + self.shift + self._delay(at), self.source, at)

    @property
    def latest_start(self) -> timedelta:
        """Return how long after its slot a tick may be due."""
        return self.shift + self.jitter

    def ticks(self, since: datetime, until: datetime) -> Iterator[Tick]:
        """Return all ticks due in (since, until], missed or not, ascending."""
        if not self.jitter:  # as in most of many: ascending, and none too many
            shift, source = self.shift, self.source
            return (Tick(at + shift, source, at) for at in self.slots(since - shift, until - shift))
        found = (self.tick(at) for at in self.slots(since - self.latest_start, until))
        return iter(sorted(tick for tick in found if since < tick.due <= until))

    def latest(self, since: datetime, until: datetime, enough: int) -> list[Tick]:
        """Return the ticks in (since, until], ascending; if there are many, at least the latest `enough` of them."""
        span = _HOUR
        while True:
            begin = max(since, until - span)
            found = list(self.ticks(begin, until))
            if begin == since or len(found) >= enough:
                return found
            span *= 4

    def _delay(self, at: datetime) -> timedelta:
        """Return the delay of a slot.

        It is the same on every machine, so that two services agree when the slot is due.
        """
        if not self.jitter:
            return self.jitter
        return _part(self.jitter, f"{self.source} {at.isoformat()}")


@dataclass(frozen=True, slots=True)
class Choice:
    """What to do about the ticks of one entry in a span of time. Each tick is in one of the three."""

    run: tuple[Tick, ...]
    covered: tuple[Tick, ...] = ()
    """Missed; the first of `run` stands for them."""
    skipped: tuple[Tick, ...] = ()
    """Missed; nothing is done about them."""


def entry_of(source: Timed, zone: str = "UTC") -> Entry | None:
    """Return the entry of a source; None when it has no timetable. `zone` is its time zone if it names none."""
    return _entry(source.name, source.timetable, zone) if source.timetable else None


@lru_cache(maxsize=_REMEMBERED)
def _entry(source: str, timetable: Timetable, zone: str) -> Entry:
    slots, rhythm = _slots(timetable, zone)
    jitter, shift = timetable.jitter or timedelta(0), _part(timetable.spread, source)
    return Entry(source, slots, jitter, shift, timetable.catch_up, rhythm)


@lru_cache(maxsize=_DISTINCT)
def _slots(timetable: Timetable, zone: str) -> tuple[Slots, str]:
    """The slots of a timetable and its rhythm: the same for all sources that have it."""
    interval = timetable.interval
    slots = _every(interval, timetable.anchor or ANCHOR) if interval else _daily(timetable, zone)
    return slots, _rhythm(timetable, zone)


def _part(of: timedelta, key: str) -> timedelta:
    """Return whole seconds, between none and all of a span of time, derived from a key."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    return timedelta(seconds=int.from_bytes(digest) % (int(of.total_seconds()) + 1))


def _rhythm(timetable: Timetable, zone: str) -> str:
    told = timetable.model_dump_json(include={"cron", "every", "at", "anchor"}, exclude_defaults=True)
    if timetable.interval != timetable.every:
        return f"{told} adaptive {timetable.interval}"
    return told if timetable.every else f"{told} {timetable.timezone or zone}"


def due(entries: Iterable[Entry], since: datetime, until: datetime) -> Iterator[Tick]:
    """Return the ticks in (since, until] that request a run, in the order in which they are due."""
    chosen = (choose(entry.ticks(since, until), until, entry.catch_up).run for entry in entries)
    return merge(*chosen)


def choose(ticks: Iterable[Tick], now: datetime, catch_up: str) -> Choice:
    """Choose which ticks up to `now` request a run.

    Those on time, and as many of the missed ones as `catch_up` says.
    """
    every = tuple(ticks)
    missed = tuple(tick for tick in every if now - tick.due > ON_TIME)
    on_time = every[len(missed) :]
    if catch_up == "skip":
        return Choice(on_time, skipped=missed)
    if catch_up == "once":
        return Choice(every[-1:], covered=every[:-1])
    number = int(catch_up.removeprefix("all:"))
    kept = missed[-number:]
    return Choice(kept + on_time, skipped=missed[: len(missed) - len(kept)])


def next_ticks(entry: Entry, after: datetime, n: int = 1) -> list[Tick]:
    """Return the next n ticks after a moment; fewer when the timetable has no more within thirty years."""
    return list(islice(ticks_after(entry, after), n))


def first_due(entry: Entry, after: datetime) -> datetime | None:
    """Return when an entry is first due after a moment; None if it is not within thirty years.

    Cached by the hour: callers that list many sources repeatedly ask for the same.
    """
    since = after.replace(minute=0, second=0, microsecond=0)
    due = _first_due(entry, since, since)
    return due if due is None or due > after else _first_due(entry, since, after)


@lru_cache(maxsize=_REMEMBERED)
def _first_due(entry: Entry, since: datetime, after: datetime) -> datetime | None:
    """Return the same, found among the ticks since an hour before: sources of one timetable share these slots."""
    return next((tick.due for tick in ticks_after(entry, since) if tick.due > after), None)


def ticks_after(entry: Entry, after: datetime) -> Iterator[Tick]:
    """Yield the ticks of thirty years after a moment, soonest first."""
    since, span = after, _HOUR
    while since < after + _HORIZON:
        yield from entry.ticks(since, since + span)
        since, span = since + span, min(span * 2, _GROWN)


def _every(interval: timedelta, anchor: datetime) -> Slots:
    def slots(since: datetime, until: datetime) -> Iterator[datetime]:
        at = anchor + ((since - anchor) // interval + 1) * interval
        while at <= until:
            yield at
            at += interval

    return slots


def _daily(timetable: Timetable, zone_name: str) -> Slots:
    zone = ZoneInfo(timetable.timezone or zone_name)
    named = parse_cron(timetable.cron).between if timetable.cron is not None else _every_day(timetable.at)

    def slots(since: datetime, until: datetime) -> Iterator[datetime]:
        if until - since > _SHARED:
            return iter(found(since, until))
        days = (of_day(day) for day in _days(since, until))
        return chain.from_iterable(day[bisect_right(day, since) : bisect_right(day, until)] for day in days)

    def found(since: datetime, until: datetime) -> list[datetime]:
        moments = {local.replace(tzinfo=zone).astimezone(UTC) for local in named(*_local_span(zone, since, until))}
        return sorted(at for at in moments if since < at <= until)

    of_day = lru_cache(maxsize=_DAYS)(lambda day: found(day, day + _DAY))
    return slots


def _days(since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the beginnings of the days of UTC in which a span has moments; a day has its end, and not its beginning."""
    day = ANCHOR + (since - ANCHOR) // _DAY * _DAY
    while day < until:
        yield day
        day += _DAY


def _every_day(times: tuple[time, ...]) -> Callable[[datetime, datetime], Iterator[datetime]]:
    """Return the local times in [first, last] that are at one of `times`."""

    def named(first: datetime, last: datetime) -> Iterator[datetime]:
        for number in range((last.date() - first.date()).days + 1):
            locals_ = (datetime.combine(first.date() + number * _DAY, each) for each in times)
            yield from (local for local in locals_ if first <= local <= last)

    return named


def _local_span(zone: ZoneInfo, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return local times around (since, until], wide enough for any change of the clock near its ends."""
    early = min(_offset(zone, since + shift) for shift in (-_DAY, timedelta(0), _DAY))
    late = max(_offset(zone, until + shift) for shift in (-_DAY, timedelta(0), _DAY))
    return (since + early).replace(tzinfo=None), (until + late).replace(tzinfo=None)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
