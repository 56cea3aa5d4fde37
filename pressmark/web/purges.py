"""Of a take-down: what a purge would delete for good, and the form that purges."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import address_in, note
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.service.access.purges import Purges
from pressmark.service.service import Service
from pressmark.views.access_shapes import PurgeShape, purge_now, purge_shape, take_down_shape
from pressmark.web.forms import form
from scheduler.ledger.take_downs import TakeDowns

router = Part(include_in_schema=False)

_PATH = "/collections/takedowns/{id}/purge"
_SHOWN = 100
REASONS = {
    "needed": N_("other pages need its content"),
    "items": N_("a custom spider collected items from it"),
    "spool": N_("its file is still in the spool; it is deleted later"),
    "nameless": N_("its record has no id"),
    "twice": N_("another record has the same id"),
}


@router.get(_PATH)
def purge_form(request: Request, id: str, service: Desk, *, revisits: str = "") -> HTMLResponse:
    """Show what would be deleted. Nothing is changed."""
    plan = Purges(service).plan(id, with_revisits=bool(revisits))
    return _page(request, service, purge_shape(service, id, plan), with_revisits=bool(revisits))


@router.post(_PATH)
async def purge(request: Request, id: str, service: Desk) -> Response:
    fields = await form(request)
    with_revisits, by, origin = bool(fields.get("revisits")), caller_name(), address_in(request.scope)
    token, typed = fields.get("token", ""), fields.get("confirm", "").strip()
    if not typed or typed != token.partition("-")[0]:
        plan = await run_in_threadpool(Purges(service).plan, id, with_revisits=with_revisits)
        shape = await run_in_threadpool(purge_shape, service, id, plan)
        problem = N_("nothing was deleted: another number was typed")
        show = partial(_page, request, service, shape, with_revisits=with_revisits, problem=problem)
        return await run_in_threadpool(show)
    run = partial(purge_now, service, id, token, by=by, origin=origin, with_revisits=with_revisits)
    done = await run_in_threadpool(run)
    note(request, target=id, after=done.model_dump(mode="json", exclude={"kept_back"}))
    return await run_in_threadpool(partial(_page, request, service, done, with_revisits=with_revisits))


def _page(
    request: Request, service: Service, shape: PurgeShape, *, with_revisits: bool, problem: str | None = None
) -> HTMLResponse:
    one = take_down_shape(TakeDowns(service.database).get(shape.takedown), service.now())
    facts: dict[str, Any] = {"one": one, "purge": shape, "reasons": REASONS, "shown": _SHOWN}
    facts |= {"with_revisits": with_revisits, "problem": problem}
    return page(request, "purge.html", status=422 if problem else 200, **facts)
