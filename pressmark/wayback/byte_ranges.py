"""A body that is read from a file while it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

_PIECE = 1 << 16


class Octets(Iterator[bytes]):
    """`length` bytes of a file from its current position. `close` closes it, whether all was read or not."""

    def __init__(self, file: BinaryIO, length: int, close: Callable[[], None]) -> None:
        self._file = file
        self._left = length
        self._close = close

    def __next__(self) -> bytes:
        piece = self._file.read(min(self._left, _PIECE)) if self._left else b""
        if not piece:
            if self._left:
                raise EOFError(f"{self._left} bytes are missing at the end")
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._close()
