"""Where the payloads of revisits are."""

from __future__ import annotations

from archive.capture import Capture
from archive.cdx.row import Row
from archive.index import Index


class Originals:
    def __init__(self, index: Index) -> None:
        self._index = index

    def of(self, row: Row) -> Capture | None:
        """The response that a revisit, or an answer that nothing had changed, stands for."""
        return self._index.original_of(row.capture)
