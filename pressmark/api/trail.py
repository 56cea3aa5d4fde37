"""/api/v1/trail: the audit trail."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from archive.values.timestamps import parse_timestamp
from pressmark.http.dependencies import Desk, Part
from pressmark.views.access_shapes import TrailShape, trail_shape
from pressmark.views.shapes import LARGEST_NUMBER, Listing

router = Part(prefix="/api/v1", tags=["access"])


@router.get("/trail")
def list_trail(
    service: Desk,
    *,
    since: str | None = None,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Listing[TrailShape]:
    """List the audit trail, newest first: who changed what, when and from which address, and which requests were
    refused. Entries are kept for 400 days.

    `since` is a time as YYYYMMDDhhmmss, or only its first digits.
    """
    begin = parse_timestamp(since) if since else None
    rows = service.access.trail.newest(since=begin, before=cursor, limit=limit + 1)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return Listing(items=[trail_shape(row) for row in rows[:limit]], next=following)
