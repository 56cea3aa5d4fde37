"""Purge captures: by the ids of their records, by a take-down, or by the retention of their collection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.index.records import capture_named
from archive.index.selection import Selection
from archive.index.selection_rows import chosen
from archive.intake.purge import Plan, Purge, PurgeRefused
from archive.values.errors import CaptureNotFound
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.ledger.take_downs import TakeDown, TakeDowns

LONGEST_REASON = 1000
"""Characters of a reason."""


class PurgedShape(Shape):
    """A capture that is purged, or would be."""

    url: str
    at: datetime
    collection: str
    record_id: str
    segment: str


class PurgeShape(Shape):
    """A purge, or what one would do."""

    purged: bool
    """False for a dry run: nothing was changed."""
    captures: list[PurgedShape]
    revisits: int
    """How many of them have their bytes in the others."""
    segments: int
    """How many WARC files are rewritten."""
    unreached: dict[str, str]
    """Replicas that still have the former files, each with the reason. The next purge tries again."""


def purge(
    service: Service,
    records: Sequence[str] = (),
    *,
    reason: str,
    take_down: str | None = None,
    retention: bool = False,
    with_revisits: bool = False,
    really: bool = False,
) -> PurgeShape:
    """Purge captures, or say what would be purged; also of what is hidden in this context.

    Without any, `really` finishes purges that were interrupted.

    Raises CaptureNotFound, PurgeRefused, UnknownTakeDown, StoreError, DatabaseUnusable, QueryTooLong.
    """
    if not (why := reason.strip()) or len(why) > LONGEST_REASON:
        raise PurgeRefused(f"a purge needs a reason of at most {LONGEST_REASON} characters")
    purging = Purge(service.store, service.index, now=service.now, sign=service.keys.sign)
    with closing_collections(frozenset()), hiding(TakenDown()):
        wanted = {_record(service, name) for name in records}
        if take_down is not None:
            wanted |= _taken_down(service, TakeDowns(service.database).get(take_down))
        if retention:
            wanted |= purging.without_needed(_too_old(service))
        plan = purging.plan(wanted, with_revisits=with_revisits)
        if not really:
            return _shape(plan, purged=False)
        return _shape(plan, purged=True, unreached=dict(purging.run(plan, why).unreached))


def _record(service: Service, name: str) -> str:
    if (found := capture_named(service.database, name)) is None:
        raise CaptureNotFound(name)
    return found.record_id


def _taken_down(service: Service, one: TakeDown) -> set[str]:
    """Return the records of what was taken down."""
    if one.at is not None:
        return set(one.records)
    index, [known] = service.index, [each for each in service.take_downs.all() if each.id == one.id]
    pages = (index.captures(url) for url in known.also)
    return {each.record_id for each in chain(index.captures(one.url, match=one.match), *pages)}


def _too_old(service: Service) -> set[str]:
    """Return the records of captures that are older than the retention of their collection."""
    now = service.now()
    ends = ((name, now - span) for name, span in service.settings.retention.items())
    selections = (Selection(collection=name, until=end) for name, end in ends)
    return {each.record_id for selection in selections for each in chosen(service.index, selection)}


def _shape(plan: Plan, *, purged: bool, unreached: dict[str, str] | None = None) -> PurgeShape:
    return PurgeShape(
        purged=purged,
        captures=[
            PurgedShape(
                url=one.url,
                at=one.at,
                collection=one.collection,
                record_id=one.record_id,
                segment=one.location.segment,
            )
            for one in plan.captures
        ],
        revisits=len(plan.revisits),
        segments=len(plan.segments),
        unreached=unreached or {},
    )
