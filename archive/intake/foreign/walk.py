"""Walk through an uncompressed WARC that may be damaged, and continue after damage at the next complete record."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from archive.intake.foreign.unpack import RefusedRecord
from archive.warc.record import Damage, Record, read, record_at

_BEGINNING = re.compile(rb"WARC/(?:0\.[0-9]{1,2}|1\.[0-9])\r\n")
_WINDOW = 1 << 20
_OVERLAP = 16


def walk(file: BinaryIO, size: int) -> Iterator[Record | RefusedRecord]:
    """Yield each record, valid until the next one, and each damaged range.

    Never raises because of the file, and reads at most a few times its size.
    """
    search = _Search(file, 4 * size + (64 << 20))
    offset: int | None = 0
    while offset is not None and offset < size:
        file.seek(offset)
        try:
            yield from read(file, offset)
            return
        except Damage as damage:
            yield RefusedRecord(damage.offset, damage.why)
            offset = search.next_after(damage.offset)
            if search.exhausted:
                yield RefusedRecord(damage.offset, "what follows is too damaged to look for records in it")


class _Search:
    def __init__(self, file: BinaryIO, budget: int) -> None:
        self._file = _LimitedFile(file, budget)

    @property
    def exhausted(self) -> bool:
        return self._file.left <= 0

    def next_after(self, offset: int) -> int | None:
        """Return where the next complete record begins; None if there is none, or if the search reached its limit."""
        offset += 1
        while not self.exhausted:
            self._file.seek(offset)
            window = self._file.read(_WINDOW)
            for found in _BEGINNING.finditer(window):
                if self._is_whole(offset + found.start()):
                    return offset + found.start()
                if self.exhausted:
                    return None
            if len(window) < _WINDOW:
                return None
            offset += _WINDOW - _OVERLAP
        return None

    def _is_whole(self, offset: int) -> bool:
        self._file.seek(offset)
        try:
            record_at(cast("BinaryIO", self._file), offset).close()
        except Damage:
            return False
        return True


class _LimitedFile(io.RawIOBase):
    """A file with a limit on the bytes that are read."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self.left = file, left

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> Any:
        content = self._file.read(size) if self.left > 0 else b""
        self.left -= len(content)
        return content
