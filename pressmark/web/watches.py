"""The watches, and the sentences that they found."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.notify.watches.watch_shapes import hit_shapes, tried, watch_shape, watch_shapes
from pressmark.views.shapes import LARGEST_NUMBER
from scheduler.notices.page_watches import PageWatches

router = Part(include_in_schema=False)

_PAGE, _TRIED = 50, 100


@router.get("/watches")
def watches(request: Request, service: Desk) -> HTMLResponse:
    """Show the watches, and the newest sentences of all of them."""
    return page(
        request,
        "watches.html",
        watches=watch_shapes(service),
        unreadable=PageWatches(service.database).unreadable(),
        hits=hit_shapes(service, limit=_PAGE),
    )


@router.get("/watches/{name}")
def watch(
    request: Request, name: str, service: Desk, before: int | None = None, *, trial: bool = False
) -> HTMLResponse:
    """Show one watch and its sentences; with `trial`, what it finds in the newest changes."""
    shape = watch_shape(service, name)
    start = min(max(before, 1), LARGEST_NUMBER) if before is not None else None
    found = tried(service, name, _TRIED) if trial else hit_shapes(service, name, before=start, limit=_PAGE + 1)
    hits = found if trial else found[:_PAGE]
    following = hits[-1].id if len(found) > len(hits) else None
    return page(request, "watch.html", watch=shape, hits=hits, following=following, trial=trial, tried=_TRIED)
