"""A write-only file for libraries that write files: the written bytes are taken out piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any


class Sink(io.RawIOBase):
    """It has a position but can't seek, so that nothing is written into bytes that were already taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        piece = bytes(octets)
        self._held.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def drain(self) -> Iterator[bytes]:
        """Yield what was written since the last call."""
        if self._held:
            octets, self._held = b"".join(self._held), []
            yield octets
