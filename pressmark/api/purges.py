"""/api/v1/purges: delete archived captures for good."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.upkeep.purges import LONGEST_REASON, PurgeShape, purge

router = Part(prefix="/api/v1/purges", tags=["access"])


class NewPurge(BaseModel):
    """What to delete, and why."""

    records: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=1000)] = []
    """Ids of WARC records."""
    takedown: Annotated[str, Field(max_length=100)] | None = None
    """The id of a take-down: all that it hides."""
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    """It is stored for good."""
    with_revisits: bool = False
    """Whether to delete later captures, too, whose bytes are in these; otherwise such a purge is refused."""
    really: bool = False
    """Whether to delete. By default, the answer only says what would be deleted."""


@router.post("")
def purge_captures(request: Request, wanted: NewPurge, service: Desk) -> PurgeShape:
    """Delete captures for good, from the store and its replicas. Nothing else deletes them.

    Each WARC file with one of them is rewritten, and the manifests say what was deleted, when and why.
    """
    done = purge(
        service,
        wanted.records,
        reason=wanted.reason,
        take_down=wanted.takedown,
        with_revisits=wanted.with_revisits,
        really=wanted.really,
    )
    ids = [one.record_id for one in done.captures]
    target = wanted.takedown or " ".join(wanted.records)
    note(request, target=target, before={"records": ids}, after={"purged": done.purged, "reason": wanted.reason})
    return done
