"""Of a take-down or a retention: what a purge would delete for good, and the form that purges; and holds."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from archive.values.urlkey import Match
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import address_in, note
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.service.access.holds import holds_of
from pressmark.service.access.purged_since import RETENTION
from pressmark.service.access.purges import Purges
from pressmark.service.service import Service
from pressmark.upkeep.purging import purges_of
from pressmark.views.access_shapes import PurgeShape, hold_shape, purge_now, purge_shape, retention_shapes
from pressmark.web.forms import form
from pressmark.web.takedowns import MATCHES
from scheduler.ledger.take_downs import TakeDowns

router = Part(include_in_schema=False)

_PATH = "/collections/takedowns/{id}/purge"
_OLDER = "/collections/retention/{collection}/purge"
_HOLDS = "/collections/holds"
_SHOWN = 100
REASONS = {
    "hold": N_("people hold it"),
    "needed": N_("other pages need its content"),
    "items": N_("a custom spider collected items from it"),
    "spool": N_("its file is still in the spool; it is deleted later"),
    "nameless": N_("its record has no id"),
    "twice": N_("another record has the same id"),
}


@router.get(_PATH)
def purge_form(request: Request, id: str, service: Desk, *, revisits: str = "") -> HTMLResponse:
    """Show what would be deleted. Nothing is changed."""
    plan = purges_of(service).plan(id, with_revisits=bool(revisits))
    return _page(request, service, purge_shape(service, id, plan), with_revisits=bool(revisits))


@router.post(_PATH)
async def purge(request: Request, id: str, service: Desk) -> Response:
    return await _purged(request, id, service)


@router.get("/collections/retention")
def retention(request: Request, service: Desk) -> HTMLResponse:
    return page(request, "retention.html", retention=retention_shapes(service))


@router.get(_OLDER)
def retention_form(request: Request, collection: str, service: Desk) -> HTMLResponse:
    """Show what would be deleted. Nothing is changed."""
    plan = purges_of(service).plan(RETENTION + collection)
    return _page(request, service, purge_shape(service, RETENTION + collection, plan), with_revisits=False)


@router.post(_OLDER)
async def purge_older(request: Request, collection: str, service: Desk) -> Response:
    return await _purged(request, RETENTION + collection, service)


@router.get(_HOLDS)
def holds(request: Request, service: Desk, url: str = "", at: str = "") -> HTMLResponse:
    """Show the list and a form, which a link may fill."""
    return _holds(request, service, {"url": url, "at": at})


@router.post(_HOLDS)
async def hold(request: Request, service: Desk) -> Response:
    fields = {name: value.strip() for name, value in (await form(request)).items()}
    match: Match = next((one for one in MATCHES if one == fields.get("match")), "exact")
    url, collection, reason = fields.get("url") or None, fields.get("collection") or None, fields.get("reason", "")
    until = {name: fields.get(name) or None for name in ("at", "until")}
    add = partial(holds_of(service).add, url, reason, by=caller_name(), collection=collection, match=match, **until)
    note(request, target=url or collection or "", after={name: fields[name] for name in sorted(fields)})
    try:
        await run_in_threadpool(add)
    except ValueError as error:
        return await run_in_threadpool(_holds, request, service, fields, str(error))
    return RedirectResponse(_HOLDS, 303)


@router.post("/collections/holds/{id}/lift")
def lift(request: Request, id: str, service: Desk) -> RedirectResponse:
    one = holds_of(service).lift(id, by=caller_name())
    note(request, target=one.collection or one.url, before={"id": one.id, "reason": one.reason})
    return RedirectResponse(_HOLDS, 303)


def _holds(request: Request, service: Service, fields: dict[str, str], problem: str | None = None) -> HTMLResponse:
    shapes = [hold_shape(one, service.now()) for one in holds_of(service).all()]
    filled = {name: fields.get(name, "") for name in ("url", "at", "match", "collection", "reason", "until")}
    facts: dict[str, Any] = {"holds": shapes, "matches": MATCHES, "filled": filled, "problem": problem}
    return page(request, "holds.html", status=422 if problem else 200, **facts)


async def _purged(request: Request, id: str, service: Service) -> Response:
    fields = await form(request)
    with_revisits, by, origin = bool(fields.get("revisits")), caller_name(), address_in(request.scope)
    token, typed = fields.get("token", ""), fields.get("confirm", "").strip()
    if not typed or typed != token.partition("-")[0]:
        purges = await run_in_threadpool(purges_of, service)
        plan = await run_in_threadpool(purges.plan, id, with_revisits=with_revisits)
        shape = await run_in_threadpool(purge_shape, service, id, plan)
        problem = N_("nothing was deleted: another number was typed")
        show = partial(_page, request, service, shape, with_revisits=with_revisits, problem=problem)
        return await run_in_threadpool(show)
    purges = await run_in_threadpool(purges_of, service)
    run = partial(purge_now, purges, service, id, token, by=by, origin=origin, with_revisits=with_revisits)
    done = await run_in_threadpool(run)
    note(request, target=id, after=done.model_dump(mode="json", exclude={"files_left", "kept_back"}))
    return await run_in_threadpool(partial(_page, request, service, done, with_revisits=with_revisits))


def _page(
    request: Request, service: Service, shape: PurgeShape, *, with_revisits: bool, problem: str | None = None
) -> HTMLResponse:
    id_, url, path = shape.takedown, None, ""
    if id_.startswith(RETENTION):
        path, reason = _OLDER.format(collection=id_.removeprefix(RETENTION)), Purges(service).reason(id_)
    else:
        one = TakeDowns(service.database).get(id_)
        path, url, reason = _PATH.format(id=id_), one.url, one.reason
    facts: dict[str, Any] = {"purge": shape, "reasons": REASONS, "shown": _SHOWN, "url": url, "reason": reason}
    facts["path"] = path
    facts |= {"with_revisits": with_revisits, "problem": problem}
    return page(request, "purge.html", status=422 if problem else 200, **facts)
