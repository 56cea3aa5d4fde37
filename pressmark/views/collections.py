"""The known collections: those of segments, and those that sources name. None that is closed to the caller."""

from __future__ import annotations

from archive.database.closed_collections import closed_collections
from config.names import DEFAULT, EVERYTHING
from pressmark.service.service import Service


def known_collections(service: Service) -> set[str]:
    """Return the collections that have segments, that sources name, and the one of sources that name none."""
    return {DEFAULT, *service.index.collections(), *service.sources.outlines().collections}


class Collections:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._known = {DEFAULT, EVERYTHING}

    def knows(self, name: str) -> bool:
        """Remembers collections: one that was there once is there for good."""
        if name not in self._known:
            self._known |= known_collections(self._service)
        return name in self._known and name not in closed_collections()

    def names(self) -> list[str]:
        """Return all of them, `all` first."""
        self._known |= known_collections(self._service)
        return [EVERYTHING, *sorted(self._known - {EVERYTHING} - closed_collections())]
