"""The payloads of revisits."""

from __future__ import annotations

from archive.index.cdx.row import Row
from archive.index.index import Index
from archive.values.capture import Capture


class Originals:
    def __init__(self, index: Index) -> None:
        self._index = index

    def of(self, row: Row) -> Capture | None:
        """Return the response that a revisit, or a not-modified answer, stands for."""
        return self._index.original_of(row.capture)
