"""The known collections: those of segments, and those that sources name."""

from __future__ import annotations

from config.names import DEFAULT, EVERYTHING
from pressmark.service.service import Service


class Collections:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._known = {DEFAULT, EVERYTHING}

    def knows(self, name: str) -> bool:
        """Remembers collections: one that was there once is there for good."""
        if name not in self._known:
            self._known |= self._all()
        return name in self._known

    def names(self) -> list[str]:
        """Return all of them, `all` first."""
        self._known |= self._all()
        return [EVERYTHING, *sorted(self._known - {EVERYTHING})]

    def _all(self) -> set[str]:
        return self._service.index.collections() | {source.keep.collection for source in self._service.sources}
