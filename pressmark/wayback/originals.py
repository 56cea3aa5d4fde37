"""Where the payloads of revisits are."""

from __future__ import annotations

from archive.index.cdx.row import Row
from archive.index.index import Index
from archive.values.capture import Capture


class Originals:
    def __init__(self, index: Index) -> None:
        self._index = index

    def of(self, row: Row) -> Capture | None:
        """The response that a revisit, or an answer that nothing had changed, stands for."""
        return self._index.original_of(row.capture)
