"""Under the collections: what was taken down, why, by whom and until when."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from archive.values.urlkey import Match
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.service.service import Service
from pressmark.views.access_shapes import take_down_shape
from pressmark.web.forms import form

router = Part(include_in_schema=False)

MATCHES: dict[Match, str] = {
    "exact": N_("this page"),
    "prefix": N_("all URLs that begin with this one"),
    "host": N_("the whole site"),
    "domain": N_("the site and its subdomains"),
}
STATES = (N_("in force"), N_("lifted"), N_("over"))


@router.get("/collections/takedowns")
def take_downs(request: Request, service: Desk, url: str = "", at: str = "") -> HTMLResponse:
    """Show the list and a form, which a link may fill."""
    return _page(request, service, {"url": url, "at": at})


@router.post("/collections/takedowns")
async def take_down(request: Request, service: Desk) -> Response:
    fields = {name: value.strip() for name, value in (await form(request)).items()}
    match: Match = next((one for one in MATCHES if one == fields.get("match")), "exact")
    add = partial(
        service.take_downs.add,
        fields.get("url", ""),
        fields.get("reason", ""),
        by=caller_name(),
        match=match,
        at=fields.get("at") or None,
        until=fields.get("until") or None,
    )
    note(request, target=fields.get("url", ""), after={name: fields[name] for name in sorted(fields)})
    try:
        await run_in_threadpool(add)
    except ValueError as error:
        return await run_in_threadpool(_page, request, service, fields, str(error))
    return RedirectResponse("/collections/takedowns", 303)


@router.post("/collections/takedowns/{id}/lift")
def lift(request: Request, id: str, service: Desk) -> RedirectResponse:
    one = service.take_downs.lift(id, by=caller_name())
    note(request, target=one.url, before={"id": one.id, "reason": one.reason})
    return RedirectResponse("/collections/takedowns", 303)


def _page(request: Request, service: Service, fields: dict[str, str], problem: str | None = None) -> HTMLResponse:
    now = service.now()
    shapes = [take_down_shape(one, now, service.take_downs.ports_left(one)) for one in service.take_downs.all()]
    filled = {name: fields.get(name, "") for name in ("url", "at", "match", "reason", "until")}
    facts: dict[str, Any] = {"take_downs": shapes, "matches": MATCHES, "filled": filled, "problem": problem}
    return page(request, "takedowns.html", status=422 if problem else 200, **facts)
