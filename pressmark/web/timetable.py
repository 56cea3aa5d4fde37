"""The timetable as a calendar of a week: past and coming due times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from operator import attrgetter
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse

from config.values.timetable import Timed
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views.source_lines import timetable_words
from scheduler.pauses import EVERYTHING
from scheduler.timetables.clockchange import ClockChange, next_change
from scheduler.timetables.slots import Slot
from scheduler.timetables.timetable import Entry, entry_of

router = Part(include_in_schema=False)

_WEEK, _PAGE = 7, 100
_FIRST, _LAST = date(1971, 1, 4).toordinal(), date(9000, 1, 6).toordinal()
_SHOWN = 4
_MOST = 200
"""Ticks of a day that are counted; a source that is due more often is shown as due all day."""
_SLOTS = 2_500
"""Slots of a week of one source that are read: one that is due every five minutes has 2,016."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a source."""

    times: tuple[datetime, ...]
    """The first due times, in the zone of the page."""
    more: int
    states: Mapping[str, int]
    """The results of the day's past slots."""


@dataclass(frozen=True, slots=True)
class Row:
    source: str
    words: str | None
    paused: bool
    """It has no due times until it is resumed."""
    cells: tuple[Cell, ...]


@router.get("/timetable")
def timetable(request: Request, service: Desk, week: date | None = None, after: str = "") -> HTMLResponse:
    """Show the week of a day (default: today) for the sources whose names come after one."""
    zone = ZoneInfo(service.settings.timezone)
    now = service.now()
    first = monday(week or now.astimezone(zone).date())
    days = [first + timedelta(days=number) for number in range(_WEEK)]
    entries = _entries(service, after)
    shown = entries[:_PAGE]
    return page(
        request,
        "timetable.html",
        rows=list(_rows(service, shown, days, zone, now)),
        after=after,
        following=shown[-1][0].name if len(entries) > _PAGE else None,
        days=days,
        today=now.astimezone(zone).date(),
        zone=service.settings.timezone,
        earlier=_shifted(first, -_WEEK),
        later=_shifted(first, _WEEK),
        change=_change(service.settings.timezone, _begin(first, zone)),
    )


def monday(day: date) -> date:
    return _shifted(day, -day.weekday())


def _shifted(day: date, days: int) -> date:
    """Return a date some days later, as far as the calendar allows."""
    return date.fromordinal(min(max(day.toordinal() + days, _FIRST), _LAST))


def _change(zone: str, since: datetime) -> ClockChange | None:
    return next_change(zone, since, timedelta(days=_WEEK))


def _entries(service: Service, after: str) -> list[tuple[Timed, Entry]]:
    """Return the sources with a timetable whose names come after one, by name."""
    service.sources.poll()
    outlines = service.sources.outlines()
    named = islice(outlines, bisect_right(outlines, after, key=attrgetter("name")), None)
    entries = ((source, entry_of(source, service.settings.timezone)) for source in named)
    return [(source, entry) for source, entry in islice(((s, e) for s, e in entries if e), _PAGE + 1)]


def _rows(
    service: Service, entries: list[tuple[Timed, Entry]], days: list[date], zone: ZoneInfo, now: datetime
) -> Iterator[Row]:
    begin, end = _begin(days[0], zone), _begin(_shifted(days[-1], 1), zone)
    pauses = service.pauses.all()
    for source, entry in entries:
        past = service.slots.list(source.name, since=begin, until=min(now, end), limit=_SLOTS) if begin < now else []
        paused = EVERYTHING in pauses or source.name in pauses
        yield _row(source, entry, days, zone, past, until=now if paused else None)


def _row(
    source: Timed, entry: Entry, days: list[date], zone: ZoneInfo, past: list[Slot], *, until: datetime | None
) -> Row:
    """Return the row of a source. `until` is now when the source is paused: after that nothing is due."""
    cells = []
    for day in days:
        since, end = _begin(day, zone), _begin(_shifted(day, 1), zone)
        before = timedelta(microseconds=1)
        last = min(end - before, until) if until else end - before
        found = [at.astimezone(zone) for at in islice(entry.slots(since - before, last), _MOST)]
        states: dict[str, int] = {}
        for slot in past:
            if since <= slot.at < end:
                states[slot.state] = states.get(slot.state, 0) + 1
        cells.append(Cell(tuple(found[:_SHOWN]), len(found) - _SHOWN, states))
    return Row(source.name, timetable_words(source), until is not None, tuple(cells))


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
