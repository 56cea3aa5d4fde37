"""/api/v1/takedowns: pages that the archive keeps and does not show."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from archive.values.urlkey import Match
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.service.access.take_downs import LONGEST_REASON
from pressmark.views.access_shapes import TakeDownShape, take_down_shape
from pressmark.views.shapes import Listing

router = Part(prefix="/api/v1/takedowns", tags=["access"])


class NewTakeDown(BaseModel):
    """What is taken down, and why."""

    url: Annotated[str, Field(max_length=8192)]
    match: Match = "exact"
    """`exact` for the page, `prefix` for all URLs that begin with this one, `host` for a site, `domain` for its
    subdomains too."""
    at: Annotated[str, Field(max_length=300)] | None = None
    """The second of a capture, 14 digits: only this one is taken down. `TIME~RECORD` names one of several."""
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    """Readers see it."""
    until: Annotated[str, Field(max_length=40)] | None = None
    """When it ends by itself: a timestamp or a date."""


@router.get("")
def list_take_downs(service: Desk) -> Listing[TakeDownShape]:
    """List the take-downs, newest first, including those that have ended."""
    now = service.now()
    return Listing(items=[take_down_shape(one, now) for one in service.take_downs.all()])


@router.post("", status_code=201)
def take_down(request: Request, wanted: NewTakeDown, service: Desk) -> TakeDownShape:
    """Take down a capture, a page, all URLs that begin with a text that you give, or a whole site. The archived
    files stay, but nobody can see the pages.

    The address of a page that was taken down shows the reason, with the status 451. Lists, searches, feeds and exports
    leave the page out.
    """
    one = service.take_downs.add(
        wanted.url, wanted.reason, by=caller_name(), match=wanted.match, at=wanted.at, until=wanted.until
    )
    shape = take_down_shape(one, service.now())
    note(request, target=one.url, after=shape.model_dump(mode="json"))
    return shape


@router.post("/{id}/lift")
def lift_take_down(request: Request, id: str, service: Desk) -> TakeDownShape:
    """End a take-down: readers can see the pages again. The take-down stays in the list."""
    one = service.take_downs.lift(id, by=caller_name())
    note(request, target=one.url, before={"id": one.id, "reason": one.reason})
    return take_down_shape(one, service.now())
