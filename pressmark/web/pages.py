"""The pages: overview, sources, runs, captures, static files. Plain forms; each works without a script."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from pressmark import describe
from pressmark.api.captures import captures_of
from pressmark.api.desk import Desk
from pressmark.api.errors import Refused
from pressmark.runlog import entries, told
from pressmark.service import Service
from pressmark.web.render import page
from scheduler.alarms import Alarms
from scheduler.pauses import EVERYTHING

router = APIRouter(include_in_schema=False)
_STATIC = {
    "pressmark.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "snapshot.js": "text/javascript; charset=utf-8",
}
_LAST, _PAGE, _LOG_LINES = 10, 50, 40
_REFRESH = 2
"""Seconds after which the page of a running run loads itself again."""


@router.get("/")
def overview(request: Request, service: Desk) -> HTMLResponse:
    """Sources, the failing first; the last runs; what is wrong."""
    sources = describe.source_shapes(service)
    return page(
        request,
        "overview.html",
        sources=sources,
        runs=describe.runs_of(service.runs.list(limit=_LAST)),
        notes=list(_notes(service)),
        errors=[str(error) for error in service.sources.errors],
    )


@router.get("/sources/{name}")
def source(request: Request, name: str, service: Desk) -> HTMLResponse:
    runs = describe.runs_of(service.runs.list(source=name, limit=_LAST))
    return page(request, "source.html", source=describe.source_shape(service, name), runs=runs)


@router.post("/sources/{name}/{action}")
def act_on_source(name: str, action: str, service: Desk) -> RedirectResponse:
    """The buttons of a source's page."""
    service.sources.get(name)
    if action == "run":
        return RedirectResponse(f"/runs/{service.request(name).id}", 303)
    if action == "pause":
        service.pauses.pause(name)
    elif action == "resume":
        service.pauses.resume(name)
    else:
        raise Refused(404, f"there is no button {action!r}")
    return RedirectResponse(f"/sources/{name}", 303)


@router.get("/runs")
def runs(request: Request, service: Desk, cursor: str | None = None) -> HTMLResponse:
    found = service.runs.list(before=cursor or None, limit=_PAGE + 1)
    following = found[_PAGE - 1].id if len(found) > _PAGE else None
    return page(request, "runs.html", runs=describe.runs_of(found[:_PAGE]), following=following)


@router.get("/runs/{run}")
def run(request: Request, run: str, service: Desk) -> HTMLResponse:
    """One run; the page loads itself again while it goes on."""
    shape = describe.run_shape(service.runs.get(run))
    refresh = _REFRESH if shape.status != "over" else None
    log = [told(entry) for entry in deque(entries(service.settings.home, run), _LOG_LINES)]
    return page(request, "run.html", run=shape, refresh=refresh, log=log)


@router.post("/runs/{run}/cancel")
def cancel(run: str, service: Desk) -> RedirectResponse:
    service.runs.cancel(run, "cancelled on its page")
    return RedirectResponse(f"/runs/{run}", 303)


@router.get("/captures")
def captures(request: Request, service: Desk, url: str = "", cursor: str | None = None) -> HTMLResponse:
    """What is kept of a URL, the newest first."""
    url = url.strip()
    found = captures_of(service, url, cursor=cursor, limit=_PAGE) if url else None
    following = found.next if found else None
    return page(
        request,
        "captures.html",
        url=url,
        captures=found.items if found else [],
        following=following,
        address=found.alias_of if found else None,
    )


@router.get("/static/{name}")
def static(name: str) -> FileResponse:
    if name not in _STATIC:
        raise Refused(404, "there is nothing at this address")
    file = Path(__file__).parent / "static" / name
    return FileResponse(file, media_type=_STATIC[name], headers={"Cache-Control": "max-age=3600"})


def _notes(service: Service) -> Iterator[str]:
    if pause := service.pauses.all().get(EVERYTHING):
        yield f"All crawling is paused{f': {pause.reason}' if pause.reason else ''}."
    for alarm in Alarms(service.database).blocked().values():
        yield f"{alarm.source} is blocked since {alarm.since:%Y-%m-%d %H:%M} UTC: {alarm.reason}"
    stuck = [segment for segment in service.index.segments("sealed") if segment.problem]
    if stuck:
        yield f"{len(stuck)} segments wait for the store: {stuck[0].problem}"
