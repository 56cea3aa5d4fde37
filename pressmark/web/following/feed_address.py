"""The feed address of a reader: make one, which is shown once, and revoke it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pressmark.http.callers import calling
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.target import public_home
from pressmark.service.access.roles import Caller
from pressmark.service.service import Service
from pressmark.views.collections import Collections

router = Part(include_in_schema=False)


@router.get("/new/feeds")
def feed_address(request: Request, service: Desk) -> HTMLResponse:
    return _page(request, service)


@router.post("/new/feeds")
def renew(request: Request, service: Desk) -> HTMLResponse:
    """Make a new address. The answer is the only page that shows it."""
    secret = service.access.renew_feed_address(_person().name)
    answer = _page(request, service, secret)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/new/feeds/revoke")
def revoke(service: Desk) -> RedirectResponse:
    service.access.revoke_feed_address(_person().name)
    return RedirectResponse("/new/feeds", 303)


def _person() -> Caller:
    caller = calling.get()
    if caller is None or caller.kind != "person":
        raise Refused(403, "only a person who logged in with a name and a password has a feed address")
    return caller


def _page(request: Request, service: Service, secret: str | None = None) -> HTMLResponse:
    caller = calling.get()
    person = caller.name if caller is not None and caller.kind == "person" else None
    address = f"{public_home(request, service.settings)}/api/v1/feeds/of/{secret}" if secret else None
    facts: dict[str, Any] = {
        "person": person,
        "has_address": person is not None and service.access.feeds.has(person),
        "address": address,
        "collections": Collections(service).names()[1:],
        "tags": sorted(service.sources.outlines().by_tag),
    }
    return page(request, "feed-address.html", **facts)
