"""The front page: late or failing sources first, and the results of the last runs of each source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from config.source import Source
from pressmark.http.dependencies import Desk, health_of
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views import describe
from scheduler.alarms import Alarms
from scheduler.coming import Coming
from scheduler.history import Mark
from scheduler.pauses import EVERYTHING
from scheduler.run import Run
from scheduler.timetable import entry_of, first_due
from scheduler.timetable_marks import TakenBack, last_taken_back
from scheduler.totals import captured

router = APIRouter(include_in_schema=False)

_LAST, _STRIP, _PAGE = 10, 24, 100
_LATE = timedelta(minutes=10)
"""This long after a source was due without a run, it counts as late."""
_NEWS = timedelta(days=1)
_BAD = frozenset({"error", "failed", "blocked", "empty"})


class Place(NamedTuple):
    """The place of a source in the list: small, because it is computed for all sources."""

    key: str
    """The list is ordered by keys: sources that need attention first, then by name."""
    source: Source
    state: str
    late: datetime | None
    """Since when a run is missing."""

    @property
    def is_well(self) -> bool:
        return self.key.startswith("well ")


@dataclass(frozen=True, slots=True)
class Line:
    """A source on the front page."""

    place: Place
    run: Run | None
    """The active run, or the last finished one."""
    next: datetime | None
    captures: int
    """The number of captures of all its runs."""
    strip: Sequence[Mark] = ()
    """Its last runs, oldest first."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the sources."""

    shown: Sequence[Line]
    following: str | None
    """The key of the last source on this page."""
    unwell: int
    """How many of all need attention."""
    all: int


@router.get("/")
def overview(request: Request, service: Desk, after: str = "") -> HTMLResponse:
    """Show sources, late and failing ones first, the last runs, and problems; only problems without a database."""
    found = health_of(request).found()
    problems = [one.sentence for one in found]
    if any(one.part == "database" for one in found):
        return page(request, "problems.html", status=503, problems=problems)
    return page(
        request,
        "overview.html",
        sources=lines(service, after),
        after=after,
        runs=describe.runs_of(service.runs.list(limit=_LAST)),
        pause=service.pauses.all().get(EVERYTHING),
        alarms=list(Alarms(service.database).blocked().values()),
        problems=problems,
        set_back=_set_back(service),
        errors=[str(error) for error in service.sources.errors],
    )


def _set_back(service: Service) -> TakenBack | None:
    """Return whether the clock, and timetables with it, were set back within the last day."""
    last = last_taken_back(service.database)
    return last if last and timedelta(0) <= service.now() - last.at < _NEWS else None


def lines(service: Service, after: str) -> Lines:
    """Return the sources after a key, those that need attention first. Any string is a key."""
    service.sources.look()
    sources = list(service.sources)
    standing = describe.standing_of(service, sources)
    found = sorted(_place(service, standing, source) for source in sources)
    begin = bisect_right(found, after, key=attrgetter("key"))
    shown, more = found[begin : begin + _PAGE], len(found) > begin + _PAGE
    coming = service.coming([place.source for place in shown])
    names = [place.source.name for place in shown]
    strips, captures = service.runs.recent(names, _STRIP), captured(service.database, names)
    return Lines(
        [_line(standing, place, coming, captures, strips[place.source.name]) for place in shown],
        shown[-1].key if more else None,
        sum(not place.is_well for place in found),
        len(found),
    )


def _place(service: Service, standing: describe.Standing, source: Source) -> Place:
    name = source.name
    state, late = standing.state(name), _late(service, standing, source)
    return Place(f"{'well' if late is None and state not in _BAD else 'unwell'} {name}", source, state, late)


def _line(
    standing: describe.Standing, place: Place, coming: Coming, captures: Mapping[str, int], strip: Sequence[Mark]
) -> Line:
    name = place.source.name
    run, running = standing.run(name), standing.unfinished.get(name)
    count = captures.get(name, 0) + (running.counts.captures if running else 0)
    return Line(place, run, coming.first(place.source), count, strip)


def _late(service: Service, standing: describe.Standing, source: Source) -> datetime | None:
    """Return when it was last due without a run since; None while all is well, or nothing is expected."""
    last = standing.run(source.name)
    if last is None or last.status != "over" or standing.pause(source.name):
        return None
    entry = entry_of(source, service.settings.timezone)
    due = first_due(entry, last.tick or last.requested_at) if entry else None
    return due if due and due < service.now() - _LATE else None
