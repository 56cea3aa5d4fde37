"""The front page: what is late or failing first, and how the last runs of each source went."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pressmark import describe
from pressmark.api.desk import Desk
from pressmark.service import Service
from pressmark.shapes import SourceShape
from pressmark.web.render import page
from scheduler.alarms import Alarms
from scheduler.history import Mark
from scheduler.pauses import EVERYTHING
from scheduler.timetable import entry_of, next_ticks

router = APIRouter(include_in_schema=False)

_LAST, _STRIP, _PAGE = 10, 24, 100
_LATE = timedelta(minutes=10)
"""So long after a source fell due, with nothing having come of it, it counts as late."""
_BAD = frozenset({"error", "failed", "blocked", "empty"})


@dataclass(frozen=True, slots=True)
class Line:
    """A source on the front page."""

    source: SourceShape
    late: datetime | None
    """Since when a run is missing."""
    strip: Sequence[Mark] = ()
    """Its last runs, the oldest first."""

    @property
    def tally(self) -> Mapping[str, int]:
        """How the runs of the strip ended."""
        return Counter(run.outcome for run in self.strip)

    @property
    def is_well(self) -> bool:
        return self.late is None and self.source.state not in _BAD

    @property
    def key(self) -> str:
        """Where it stands in the list, which is in the order of keys: those that want looking after, then by name."""
        return f"{'well' if self.is_well else 'unwell'} {self.source.name}"


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the sources."""

    shown: Sequence[Line]
    following: str | None
    """The key that the next page is after."""
    unwell: int
    """How many of all want looking after."""
    all: int


@router.get("/")
def overview(request: Request, service: Desk, after: str = "") -> HTMLResponse:
    """Sources, the late and failing first; the last runs; what is wrong."""
    return page(
        request,
        "overview.html",
        sources=lines(service, after),
        after=after,
        runs=describe.runs_of(service.runs.list(limit=_LAST)),
        pause=service.pauses.all().get(EVERYTHING),
        alarms=list(Alarms(service.database).blocked().values()),
        stuck=[segment for segment in service.index.segments("sealed") if segment.problem],
        errors=[str(error) for error in service.sources.errors],
    )


def lines(service: Service, after: str) -> Lines:
    """The sources after a key, those that want looking after first. Any string is a key."""
    shapes = describe.source_shapes(service)
    found = sorted((Line(shape, _late(service, shape)) for shape in shapes), key=lambda line: line.key)
    rest = found[bisect_right(found, after, key=lambda line: line.key) :]
    strips = service.runs.recent([line.source.name for line in rest[:_PAGE]], _STRIP)
    shown = [replace(line, strip=strips[line.source.name]) for line in rest[:_PAGE]]
    unwell = sum(not line.is_well for line in found)
    return Lines(shown, shown[-1].key if len(rest) > _PAGE else None, unwell, len(found))


def _late(service: Service, shape: SourceShape) -> datetime | None:
    """When it fell due last without a run since; None while all is well, or nothing is expected."""
    last = shape.last_run
    entry = entry_of(service.sources.get(shape.name), service.settings.timezone)
    if entry is None or last is None or last.status != "over" or shape.paused:
        return None
    ticks = next_ticks(entry, last.tick or last.requested_at)
    return ticks[0].due if ticks and ticks[0].due < service.now() - _LATE else None
