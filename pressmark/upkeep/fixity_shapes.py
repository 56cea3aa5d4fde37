"""The state of audits and replicas, and the events of preservation, as all doors show them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from archive.database.closed_collections import closed_collections
from archive.index.objects import Objects
from archive.index.preservation_events import Event, Events
from archive.shipping.fixity.audit import remedy
from pressmark.service.service import Service
from pressmark.upkeep.fixity import Standing, Turn, next_audit, overdue, standings, turn_of
from pressmark.views.shapes import Shape

_NAMED = 100


class LagShape(Shape):
    """What a replica does not have yet."""

    objects: int
    bytes: int
    since: datetime | None
    """Since when the oldest of them is in the first store."""


class PlaceShape(Shape):
    """The first store, or a replica."""

    place: str
    """`store`, or the name of the replica."""
    wrong: int
    """Copies that were damaged or missing when last checked."""
    oldest_check: datetime | None
    """When its least recently checked object was checked, or put."""
    lag: LagShape | None
    """Null for the first store."""
    problem: str | None
    """Why a replica is not filled, or not audited."""


class WrongShape(Shape):
    """A copy that was damaged or missing when last checked."""

    object: str
    place: str
    outcome: Literal["damaged", "missing", "unreadable"]
    at: datetime
    note: str | None
    way_out: str
    """What to do if no healthy copy is left."""


class FixityShape(Shape):
    """How far audits and replicas are."""

    last: datetime | None
    """When the last audit of a share of the first store ended. Replicas are audited apart from it."""
    next: datetime | None
    overdue: bool
    copies: int | None
    """Copies that it read. Null, as `bytes`, `repaired` and each `problem`, to whom a collection is closed: they are of
    all collections."""
    bytes: int | None
    repaired: int | None
    problem: str | None
    """Why the newest audit is not complete."""
    places: list[PlaceShape]
    wrong: list[WrongShape]
    """The first of them."""


class EventShape(Shape):
    """An event of preservation; the names of the fields are those of PREMIS 3."""

    id: int
    eventDateTime: datetime  # noqa: N815 -- the words of PREMIS
    eventType: str  # noqa: N815
    eventOutcome: Literal["success", "fail"]  # noqa: N815
    eventOutcomeDetailNote: str  # noqa: N815
    linkingAgent: str  # noqa: N815
    place: str
    linkingObject: str | None  # noqa: N815
    """The key of the object, or the file of the spool; null for an audit as a whole."""


def fixity_shape(service: Service) -> FixityShape:
    turn = turn_of(service.database) or Turn()
    of_all = not closed_collections()
    return FixityShape(
        last=turn.ended_at,
        next=next_audit(service),
        overdue=overdue(service) is not None,
        copies=turn.copies if of_all else None,
        bytes=turn.size if of_all else None,
        repaired=turn.repaired if of_all else None,
        problem=turn.problem if of_all else None,
        places=[_place(one) for one in standings(service)],
        wrong=wrong_shapes(service),
    )


def wrong_shapes(service: Service) -> list[WrongShape]:
    return [
        WrongShape.model_validate(
            {"object": key, "place": place, "outcome": outcome, "at": at, "note": note, "way_out": remedy(key)}
        )
        for key, place, outcome, at, note in Objects(service.database).wrong(limit=_NAMED)
    ]


def event_shapes(service: Service, limit: int, before: int | None = None, key: str | None = None) -> list[EventShape]:
    """Return events, newest first: those with ids below `before`, and of one object if `key` is given."""
    return [_event(event) for event in Events(service.database).newest(limit, before=before, key=key)]


def _place(one: Standing) -> PlaceShape:
    lag = LagShape(objects=one.lag.objects, bytes=one.lag.size, since=one.lag.since) if one.lag else None
    problem = None if closed_collections() else one.problem
    return PlaceShape(place=one.place, wrong=one.wrong, oldest_check=one.oldest_check, lag=lag, problem=problem)


def _event(event: Event) -> EventShape:
    return EventShape(
        id=event.id,
        eventDateTime=event.at,
        eventType=event.type,
        eventOutcome=event.outcome,
        eventOutcomeDetailNote=event.note,
        linkingAgent=event.agent,
        place=event.place,
        linkingObject=event.object,
    )
