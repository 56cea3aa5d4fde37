"""The front page: late or failing sources first, and the results of the last runs of each source."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.database.engine import reading_together
from archive.index.change_rows import ChangeFeed
from config.source import Source
from pressmark.http.dependencies import Desk, Part, health_of
from pressmark.http.render import page
from pressmark.service.access.named_urls import shown
from pressmark.service.access.source_facts import in_text
from pressmark.service.service import Service
from pressmark.views import describe
from pressmark.web.changes import with_links
from scheduler.ledger.history import Mark
from scheduler.ledger.source_states import SourceRank
from scheduler.ledger.totals import captured
from scheduler.notices.alarms import Alarms
from scheduler.pauses import EVERYTHING
from scheduler.run import Run
from scheduler.timetables.timetable_marks import TimetableReset, last_reset

router = Part(include_in_schema=False)

_LAST, _STRIP, _PAGE, _CARD = 10, 24, 100, 5
_NEWS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A source on the front page."""

    place: SourceRank
    source: Source
    run: Run | None
    """The active run, or the last finished one."""
    next: datetime | None
    captures: int
    """The number of captures of all its runs."""
    strip: Sequence[Mark] = ()
    """Its last runs, oldest first."""

    @property
    def starts(self) -> list[str]:
        """The start URLs, without what may be secret."""
        return [in_text(url) for url in self.source.starts]

    @property
    def reason(self) -> str:
        """How the run ended, without what may be secret, and without what is taken down."""
        return in_text(shown(self.run.reason) or "") if self.run else ""


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
    service.sources.poll()
    with reading_together():
        shown: dict[str, Any] = {
            "sources": lines(service, after),
            "news": with_links(service, ChangeFeed(service.database).pieces(limit=_CARD).items),
            "active": describe.runs_of(service.runs.list(status="running", limit=_CARD)),
            "runs": describe.runs_of(service.runs.list(limit=_LAST)),
            "pause": service.pauses.all().get(EVERYTHING),
            "alarms": [replace(one, reason=in_text(one.reason)) for one in Alarms(service.database).blocked().values()],
            "set_back": _set_back(service),
            "errors": describe.source_errors(service),
        }
    return page(request, "overview.html", after=after, problems=problems, **shown)


def _set_back(service: Service) -> TimetableReset | None:
    """Return whether the clock, and timetables with it, were set back within the last day."""
    last = last_reset(service.database)
    return last if last and timedelta(0) <= service.now() - last.at < _NEWS else None


def lines(service: Service, after: str, only: Container[str] | None = None) -> Lines:
    """Return the sources after a key, those that need attention first: of all, or `only` of these.

    Any string is a key.
    """
    found = service.roll.page(after, _PAGE, service.now(), only)
    sources = service.sources.some(found.names)
    names = [source.name for source in sources]
    standing, coming, now = service.standing(names), service.coming(sources), service.now()
    places = [standing.place(source, service.settings.timezone, now) for source in sources]
    strips, captures = service.runs.recent(names, _STRIP), captured(service.database, names)
    for running in standing.unfinished.values():
        captures[running.source] = captures.get(running.source, 0) + running.counts.captures
    shown = [
        Line(
            place,
            source,
            standing.run(source.name),
            coming.first(source),
            captures.get(source.name, 0),
            strips[source.name],
        )
        for place, source in zip(places, sources, strict=True)
    ]
    return Lines(shown, found.following, found.unwell, found.all)
