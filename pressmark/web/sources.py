"""The sources, and the page of one of them with its buttons."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from archive.database.engine import reading_together
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.stage.stage import Stage
from pressmark.http.target import home_of
from pressmark.service.redaction import HIDDEN
from pressmark.views import describe
from pressmark.views.collections import Collections
from pressmark.views.feeds import Feed
from pressmark.views.run_log import answer_times
from pressmark.web.add import times_of
from pressmark.web.looks.cards import picture_of
from pressmark.web.overview import lines
from pressmark.web.source_charts import LastRuns, Year
from pressmark.web.source_fields import RHYTHMS
from scheduler.ledger.totals import by_day
from scheduler.pauses import EVERYTHING

router = Part(include_in_schema=False)

_LAST = 20
"""Newest runs that the page of a source shows."""


@router.get("/sources")
def sources(request: Request, service: Desk, after: str = "", tag: str = "") -> HTMLResponse:
    """Show the sources, late and failing ones first; with a tag, only those that have it."""
    service.sources.poll()
    tagged = service.sources.outlines().by_tag
    with reading_together():
        found = lines(service, after, tagged.get(tag, ()) if tag else None)
        collections, pause = Collections(service).names()[1:], service.pauses.all().get(EVERYTHING)
    stage: Stage | None = request.app.state.stage
    return page(
        request,
        "sources.html",
        images=stage.origin_for(home_of(request)) if stage else None,
        sources=found,
        after=after,
        tag=tag,
        tags=sorted(tagged),
        collections=collections,
        rhythms=RHYTHMS,
        errors=describe.source_errors(service),
        pause=pause,
    )


@router.get("/sources/{name}")
def source(request: Request, name: str, service: Desk) -> HTMLResponse:
    runs = describe.runs_of(service.runs.list(source=name, limit=_LAST))
    shape = describe.source_shape(service, name)
    described = service.sources.get(name)
    times, pauses = times_of(described, service.settings.timezone, service.now()), service.pauses.all()
    if shape.paused:
        times["ticks"] = []
    now = service.now()
    days = by_day(service.database, name, Year.since(now))
    return page(
        request,
        "source.html",
        source=shape,
        hidden=HIDDEN,
        runs=runs,
        days=days,
        year=Year.of(days, now),
        last=LastRuns.of(runs, {run.id: answer_times(service.settings.home, run.id) for run in runs}),
        feed=Feed(source=name).path,
        picture=picture_of(service, described.seeds[0]) if described.draws and described.seeds else None,
        own_pause=pauses.get(name),
        all_paused=pauses.get(EVERYTHING),
        **times,
    )


@router.post("/pause")
def pause(service: Desk) -> RedirectResponse:
    """Start no run at all from now on."""
    service.pauses.pause(EVERYTHING)
    return RedirectResponse("/", 303)


@router.post("/resume")
def resume(service: Desk) -> RedirectResponse:
    service.pauses.resume(EVERYTHING)
    return RedirectResponse("/", 303)


@router.post("/sources/{name}/{action}")
def act_on_source(name: str, action: str, service: Desk) -> RedirectResponse:
    """Handle the buttons of a source's page."""
    service.sources.get(name)
    if action in ("run", "run-all", "run-in-full"):
        run = service.request(name, everything=action != "run", in_full=action == "run-in-full")
        return RedirectResponse(f"/runs/{run.id}", 303)
    if action == "pause":
        service.pauses.pause(name)
    elif action == "resume":
        service.pauses.resume(name)
    else:
        raise Refused(404, f"unknown action {action!r}")
    return RedirectResponse(f"/sources/{name}", 303)
