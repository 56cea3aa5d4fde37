"""What the reader of a grant may read: the origin of replay has no login."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.database.closed_collections import closing_collections
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.service import Service


@contextmanager
def reading_as(service: Service, admitted: str) -> Iterator[None]:
    """Read without the collections that are closed now, but those that a grant admits to."""
    closed = ReadingRooms(service.settings.rooms, now=service.now).closed_but(admitted)
    with closing_collections(closed, service.open_sources(closed) if closed else frozenset()):
        yield
