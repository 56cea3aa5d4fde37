"""/api/v1/fixity: audits, replicas, and the events of preservation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.upkeep.fixity_shapes import EventShape, FixityShape, event_shapes, fixity_shape
from pressmark.views.shapes import Listing

router = Part(prefix="/api/v1/fixity", tags=["fixity"])


@router.get("")
def show_fixity(service: Desk) -> FixityShape:
    """Return when the stored files were last checked for damage, which files are damaged or lost, and how many files
    each copy (replica) lacks."""
    return fixity_shape(service)


@router.get("/events")
def list_events(
    service: Desk,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int | None, Query(ge=1)] = None,
    object: Annotated[str | None, Query(description="The key of an object.")] = None,
) -> Listing[EventShape]:
    """List what happened to the archived files (preservation events), newest first."""
    found = event_shapes(service, limit, cursor, object)
    return Listing(items=found, next=str(found[-1].id) if len(found) == limit else None)


@router.get("/events.xml", response_class=StreamingResponse)
def export_events(service: Desk) -> StreamingResponse:
    """Return all preservation events (what happened to the archived files) as an XML document in the format PREMIS 3, a
    standard of libraries and archives."""
    from archive.index.preservation_events import Events
    from archive.shipping.fixity.premis import premis

    def lines() -> Iterator[str]:
        yield from premis(Events(service.database).all())

    return StreamingResponse(lines(), media_type="application/xml")
