"""/api/v1/takedowns, /holds, /retention: what the archive keeps and does not show, and what is deleted for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from archive.values.urlkey import Match
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import address_in, note
from pressmark.service.access.holds import holds_of
from pressmark.service.access.purged_since import RETENTION
from pressmark.service.access.take_downs import LONGEST_REASON
from pressmark.service.service import Service
from pressmark.upkeep.purging import purges_of
from pressmark.views.access_shapes import (
    HoldShape,
    PurgeShape,
    RetentionShape,
    TakeDownShape,
    hold_shape,
    purge_now,
    purge_shape,
    retention_shapes,
    take_down_shape,
)
from pressmark.views.shapes import Listing
from scheduler.ledger.take_downs import TakeDown

router = Part(prefix="/api/v1", tags=["access"])


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


class NewPurge(BaseModel):
    """A purge, and its confirmation."""

    confirm: Annotated[str, Field(max_length=100)]
    """The `token` of what `GET` shows: it begins with the number of the records. Nothing brings them back."""
    with_revisits: bool = False
    """Whether to delete versions of other pages, too, that are stored as a reference to what is deleted."""


class NewHold(BaseModel):
    """What nobody may delete, and why: pages, or a collection."""

    url: Annotated[str, Field(max_length=8192)] | None = None
    collection: Annotated[str, Field(max_length=64)] | None = None
    match: Match = "exact"
    """`exact` for the page, `prefix` for all URLs that begin with this one, `host` for a site, `domain` for its
    subdomains too."""
    at: Annotated[str, Field(max_length=14)] | None = None
    """The second of captures, 14 digits: only these are held."""
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    until: Annotated[str, Field(max_length=40)] | None = None
    """When it ends by itself: a timestamp or a date."""


@router.get("/takedowns")
def list_take_downs(service: Desk) -> Listing[TakeDownShape]:
    """List the take-downs, newest first, including those that have ended."""
    return Listing(items=[_shape(one, service) for one in service.take_downs.all()])


@router.post("/takedowns", status_code=201)
def take_down(request: Request, wanted: NewTakeDown, service: Desk) -> TakeDownShape:
    """Take down a capture, a page, all URLs that begin with a text that you give, or a whole site. The archived
    files stay, but nobody can see the pages.

    The address of a page that was taken down shows the reason, with the status 451. Lists, searches, feeds and exports
    leave the page out.
    """
    one = service.take_downs.add(
        wanted.url, wanted.reason, by=caller_name(), match=wanted.match, at=wanted.at, until=wanted.until
    )
    shape = _shape(one, service)
    note(request, target=one.url, after=shape.model_dump(mode="json"))
    return shape


@router.post("/takedowns/{id}/lift")
def lift_take_down(request: Request, id: str, service: Desk) -> TakeDownShape:
    """End a take-down: readers can see the pages again. The take-down stays in the list."""
    one = service.take_downs.lift(id, by=caller_name())
    note(request, target=one.url, before={"id": one.id, "reason": one.reason})
    return _shape(one, service)


def _shape(one: TakeDown, service: Service) -> TakeDownShape:
    return take_down_shape(one, service.now(), service.take_downs.ports_left(one))


@router.get("/takedowns/{id}/purge")
def plan_purge(id: str, service: Desk, *, with_revisits: bool = False) -> PurgeShape:
    """Show what a purge would delete for good: records, texts, pictures and WARC files, and what is kept back. Nothing
    is changed.
    """
    return purge_shape(service, id, purges_of(service).plan(id, with_revisits=with_revisits))


@router.post("/takedowns/{id}/purge")
def purge(request: Request, id: str, wanted: NewPurge, service: Desk) -> PurgeShape:
    """Delete for good what a take-down hides. This is the only deletion of archived pages, and nothing brings them
    back.

    Each WARC file with such a page is written again without it, in the store and in its copies (replicas).
    """
    by, origin = caller_name(), address_in(request.scope)
    done = purge_now(
        purges_of(service), service, id, wanted.confirm, by=by, origin=origin, with_revisits=wanted.with_revisits
    )
    note(request, target=id, after=done.model_dump(mode="json", exclude={"files_left", "kept_back"}))
    return done


@router.get("/holds")
def list_holds(service: Desk) -> Listing[HoldShape]:
    """List what nobody may delete, newest first, including holds that have ended."""
    now = service.now()
    return Listing(items=[hold_shape(one, now) for one in holds_of(service).all()])


@router.post("/holds", status_code=201)
def hold(request: Request, wanted: NewHold, service: Desk) -> HoldShape:
    """Protect pages or a collection: no purge deletes them while the hold is in force."""
    one = holds_of(service).add(
        wanted.url,
        wanted.reason,
        by=caller_name(),
        collection=wanted.collection,
        match=wanted.match,
        at=wanted.at,
        until=wanted.until,
    )
    shape = hold_shape(one, service.now())
    note(request, target=one.collection or one.url, after=shape.model_dump(mode="json"))
    return shape


@router.post("/holds/{id}/lift")
def lift_hold(request: Request, id: str, service: Desk) -> HoldShape:
    """End a hold: what it protected can be purged again. It stays in the list."""
    one = holds_of(service).lift(id, by=caller_name())
    note(request, target=one.collection or one.url, before={"id": one.id, "reason": one.reason})
    return hold_shape(one, service.now())


@router.get("/retention")
def list_retention(service: Desk) -> Listing[RetentionShape]:
    """List how long collections keep their captures, and how many are older. Nothing is deleted by itself."""
    return Listing(items=retention_shapes(service))


@router.get("/retention/{collection}/purge")
def plan_retention(collection: str, service: Desk) -> PurgeShape:
    """Show what a purge of the captures that a collection no longer keeps would delete. Nothing is changed."""
    id_ = RETENTION + collection
    return purge_shape(service, id_, purges_of(service).plan(id_))


@router.post("/retention/{collection}/purge")
def purge_retention(request: Request, collection: str, wanted: NewPurge, service: Desk) -> PurgeShape:
    """Delete for good the captures that a collection no longer keeps, by its retention in the settings."""
    by, origin, id_ = caller_name(), address_in(request.scope), RETENTION + collection
    done = purge_now(
        purges_of(service), service, id_, wanted.confirm, by=by, origin=origin, with_revisits=wanted.with_revisits
    )
    note(request, target=id_, after=done.model_dump(mode="json", exclude={"files_left", "kept_back"}))
    return done
