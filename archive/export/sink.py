"""A file without an end that only takes, for libraries that write: what was written is taken on piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any


class Sink(io.RawIOBase):
    """It has a position and can't go back to one, so that nothing is ever written into what is gone."""

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

    def taken(self) -> Iterator[bytes]:
        """What was written since this was asked last."""
        if self._held:
            octets, self._held = b"".join(self._held), []
            yield octets
