"""The watches, and the sentences that they found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from pressmark.http.callers import caller_now
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.notify.channels import channels_of
from pressmark.notify.watches.subscription_shapes import subscriptions_of
from pressmark.notify.watches.watch_shapes import hit_shapes, tried, watch_shape, watch_shapes
from pressmark.service.service import Service
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
    return watch_page(request, service, name, before=before, trial=trial)


def watch_page(
    request: Request,
    service: Service,
    name: str,
    *,
    before: int | None = None,
    trial: bool = False,
    result: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """Return the page of a watch, with the result of an action there. Raises UnknownWatch."""
    shape = watch_shape(service, name)
    start = min(max(before, 1), LARGEST_NUMBER) if before is not None else None
    found = tried(service, name, _TRIED) if trial else hit_shapes(service, name, before=start, limit=_PAGE + 1)
    hits = found if trial else found[:_PAGE]
    facts = {"wrong": None, "added": None, "tested": None, "ended": None} | dict(result or {})
    notify = channels_of(service).notify
    channels = [("mail", notify.mail.server is not None), ("apprise", notify.apprise.urls is not None)]
    return page(
        request,
        "watch.html",
        status=422 if facts["wrong"] else 200,
        watch=shape,
        hits=hits,
        following=hits[-1].id if len(found) > len(hits) else None,
        trial=trial,
        tried=_TRIED,
        subscriptions=subscriptions_of(service, caller_now(), name),
        channels=channels,
        zone=service.settings.timezone,
        has_assistant=service.settings.assistant.url is not None,
        has_address=service.settings.public_url is not None,
        **facts,
    )
