"""A body while it arrives: in memory while it is small, otherwise in an unnamed temporary file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, BinaryIO, cast


class Body:
    """Bytes of a body in the order of their arrival. `length` is their number."""

    __slots__ = ("_directory", "_file", "_held", "_memory", "length")

    def __init__(self, memory: int, directory: Path | None = None) -> None:
        """Set up a body. Above `memory` bytes, it moves to a file in `directory`."""
        self.length = 0
        self._memory = memory
        self._directory = directory
        self._held: bytes | bytearray = b""
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Append bytes. Raises OSError when the disk refuses; what was written before stays, and `length` counts it."""
        if self._file is not None:
            self._to_file(data)
            return
        if not self._held:
            self._held = data
        elif isinstance(self._held, bytearray):
            self._held += data
        else:
            self._held = bytearray(self._held) + data
        self.length += len(data)
        if self.length > self._memory:
            self._spill()

    def release(self) -> bytes | BinaryIO:
        """Return the whole body: bytes, or the file at its beginning, which the caller owns from now on."""
        if self._file is None:
            return bytes(self._held)
        self._file.seek(0)
        return cast("BinaryIO", self._file)

    def _spill(self) -> None:
        # Unbuffered, so that a full disk is met here and not at a later flush.
        self._file = tempfile.TemporaryFile(buffering=0, prefix="body-", dir=self._directory)  # noqa: SIM115
        held, self._held, self.length = self._held, b"", 0
        self._to_file(held)

    def _to_file(self, data: bytes | bytearray) -> None:
        assert self._file is not None
        rest = memoryview(data)
        while rest:
            written = self._file.write(rest)
            self.length += written
            rest = rest[written:]
