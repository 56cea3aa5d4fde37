"""File objects over a part of an open file, or over the body of a response."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import BinaryIO, Protocol, cast

from archive.values.disk import given_back


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


def window(file: BinaryIO, offset: int, length: int | None, what: str) -> BinaryIO:
    """Return a range of an open file as a file. Closing it closes that file. Errors name it by `what`."""
    file.seek(offset)
    return _buffered(_Stream(file, length, partial(given_back, what)))


def as_file(body: Readable, guard: Callable[[], AbstractContextManager[None]]) -> BinaryIO:
    """Return a stream as a file. Each read runs inside a `guard` that translates its errors."""
    return _buffered(_Stream(body, None, guard))


def _buffered(stream: io.RawIOBase) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(stream, 1 << 16))


class _Stream(io.RawIOBase):
    def __init__(self, source: Readable, left: int | None, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self._source = source
        self._left = left
        self._guard = guard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = len(buffer) if self._left is None else min(len(buffer), self._left)
        with self._guard():
            block = self._source.read(wanted) if wanted else b""
        buffer[: len(block)] = block
        if self._left is not None:
            self._left -= len(block)
        return len(block)

    def close(self) -> None:
        self._source.close()
        super().close()
