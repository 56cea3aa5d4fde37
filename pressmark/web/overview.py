"""The front page: what is late or failing first, and how the last runs of each source went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

_LAST, _STRIP = 10, 24
_LATE = timedelta(minutes=10)
"""So long after a source fell due, with nothing having come of it, it counts as late."""
_BAD = frozenset({"error", "failed", "blocked", "empty"})


@dataclass(frozen=True, slots=True)
class Line:
    """A source on the front page."""

    source: SourceShape
    strip: Sequence[Mark]
    """Its last runs, the oldest first."""
    late: datetime | None
    """Since when a run is missing."""

    @property
    def tally(self) -> Mapping[str, int]:
        """How the runs of the strip ended."""
        return Counter(run.outcome for run in self.strip)

    @property
    def is_well(self) -> bool:
        return self.late is None and self.source.state not in _BAD


@router.get("/")
def overview(request: Request, service: Desk) -> HTMLResponse:
    """Sources, the late and failing first; the last runs; what is wrong."""
    found = lines(service)
    return page(
        request,
        "overview.html",
        lines=found,
        unwell=sum(not line.is_well for line in found),
        runs=describe.runs_of(service.runs.list(limit=_LAST)),
        pause=service.pauses.all().get(EVERYTHING),
        alarms=list(Alarms(service.database).blocked().values()),
        stuck=[segment for segment in service.index.segments("sealed") if segment.problem],
        errors=[str(error) for error in service.sources.errors],
    )


def lines(service: Service) -> list[Line]:
    """All sources, those that want looking after first."""
    shapes = describe.source_shapes(service)
    strips = service.runs.recent([shape.name for shape in shapes], _STRIP)
    found = [Line(shape, strips[shape.name], _late(service, shape)) for shape in shapes]
    return sorted(found, key=lambda line: line.is_well)


def _late(service: Service, shape: SourceShape) -> datetime | None:
    """When it fell due last without a run since; None while all is well, or nothing is expected."""
    last = shape.last_run
    entry = entry_of(service.sources.get(shape.name), service.settings.timezone)
    if entry is None or last is None or last.status != "over" or shape.paused:
        return None
    ticks = next_ticks(entry, last.tick or last.requested_at)
    return ticks[0].due if ticks and ticks[0].due < service.now() - _LATE else None
