"""Collections, and the current settings of a home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.index.tallies import CollectionTotals, Tallies
from config.groups.origin import Origin, leaves
from config.groups.rooms import Room
from config.settings import Settings, origins
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.redaction import redaction
from pressmark.service.service import Service
from pressmark.views.feeds import Feed
from pressmark.views.review.marking import review_totals

router = Part(include_in_schema=False)


_NOTHING = CollectionTotals(0, 0, 0)

Row = tuple[str, str | None, Origin]
"""Of a setting: its key, the part of its value that may be shown, and its origin."""


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    sources: tuple[str, ...]
    kept: CollectionTotals
    room: Room | None
    """What closes it to readers now; None if every reader may read it."""

    @property
    def feed(self) -> str:
        """The address of its feed."""
        return Feed(collection=self.name).path


@router.get("/collections")
def collections(request: Request, service: Desk) -> HTMLResponse:
    return page(request, "collections.html", collections=list(_collections(service)), reviews=review_totals(service))


@router.get("/settings")
def settings(request: Request, service: Desk) -> HTMLResponse:
    """Show the current settings with their origins; secrets are hidden."""
    started = [row for row in _rows(service.settings) if not _is_of_webhooks(row)]
    rows = started + [row for row in _rows(service.webhooks.settings()) if _is_of_webhooks(row)]
    return page(request, "settings.html", rows=rows)


def _rows(settings: Settings) -> list[Row]:
    whence = origins(settings)
    values = {".".join(map(str, loc)): value for loc, value in leaves(settings.model_dump(mode="json"))}
    return [(key, _written(redaction.value(value, key)), whence[key]) for key, value in values.items()]


def _written(value: object) -> str | None:
    """Return a value as it is written in a file."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_of_webhooks(row: Row) -> bool:
    """Return whether a setting is of webhooks.

    These are read again while the service runs, others at its start only.
    """
    return row[0].partition(".")[0] == "webhooks"


def _collections(service: Service) -> Iterator[Collection]:
    service.sources.poll()
    members: dict[str, list[str]] = {}
    for source in service.sources.outlines():
        members.setdefault(source.collection, []).append(source.name)
    kept = Tallies(service.database).collections()
    closed = ReadingRooms(service.settings.rooms, now=service.now).closed()
    for name in sorted(members.keys() | kept.keys()):
        room, totals = service.settings.rooms[name] if name in closed else None, kept.get(name, _NOTHING)
        yield Collection(name, tuple(sorted(members.get(name, ()))), totals, room)
