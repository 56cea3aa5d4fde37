"""A file whose reading is observed, for the progress of long work."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Observer = Callable[[str, int, int], None]
"""Is called with a step of the work (``checked``), how many bytes of the file that step has read, and its size."""

_PIECE = 1 << 20


def unobserved(step: str, done: int, size: int) -> None:
    """Do nothing: the observer of work that nobody watches."""


def open_observed(path: Path, step: str, observer: Observer) -> BinaryIO:
    """Open a file for reading. `observer` hears of every piece that is read. Raises OSError."""
    raw = _Observed(path, step, observer)
    return cast("BinaryIO", io.BufferedReader(raw, _PIECE))


class _Observed(io.FileIO):
    def __init__(self, path: Path, step: str, observer: Observer) -> None:
        super().__init__(path)
        self._step, self._observer = step, observer
        self._size = path.stat().st_size

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        count = super().readinto(buffer)
        self._observer(self._step, self.tell(), self._size)
        return count
