"""Exports, as the doors of Pressmark ask for them."""

from __future__ import annotations

from archive.export import Exports
from archive.selection import Selection
from archive.texts import Texts
from archive.timestamps import parse_timestamp
from pressmark.service import Service


def exports_of(service: Service) -> Exports:
    return Exports(service.database, service.index, Texts(service.database), service.store)


def selection_of(
    *,
    source: str | None = None,
    collection: str | None = None,
    url: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Selection:
    """Raises ValueError for what is no time."""
    return Selection(
        source=source,
        collection=collection,
        url=url,
        since=parse_timestamp(since) if since else None,
        until=parse_timestamp(until, end=True) if until else None,
    )
