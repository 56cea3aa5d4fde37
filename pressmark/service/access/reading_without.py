"""Read as those outside may, in work that no request asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from archive.database.closed_collections import closing_collections
from pressmark.service.service import Service


@contextmanager
def reading_without(service: Service, closed: frozenset[str]) -> Iterator[None]:
    """Hide closed collections, and what was taken down, from what is read in this context."""
    open_sources = service.open_sources(closed) if closed else frozenset[str]()
    with closing_collections(closed, open_sources), service.take_downs.hidden():
        yield
