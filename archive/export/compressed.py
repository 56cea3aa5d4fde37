"""Compress line formats: gzip (RFC 1952) with one member, and Zstandard (RFC 8878) with one frame.

There is only one frame, since several programs read only the first one. So an interrupted export starts over.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from archive.export.job import Job
from archive.export.protocol import Exporter
from archive.values.errors import Finding

_GZIP = 31
_PIECE = 1 << 20


class LineExporter(Exporter, Protocol):
    """An exporter of line formats."""

    def findings(self, name: str, lines: Iterable[bytes]) -> Iterator[Finding]:
        """Yield what is wrong with the lines of a file of that name."""


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Coding:
    name: str
    """The name, which is also the suffix without its dot."""
    media_type: str
    compressor: Callable[[], _Compressor]
    opened: Callable[[BinaryIO], AbstractContextManager[Iterable[bytes]]]


class Compressed:
    resumable = False

    def __init__(self, exporter: LineExporter, coding: Coding) -> None:
        self._exporter, self._coding = exporter, coding
        self.name = f"{exporter.name} in {coding.name}"
        self.suffix = f"{exporter.suffix}.{coding.name}"
        self.media_type = coding.media_type

    def pieces(self, job: Job) -> Iterator[bytes]:
        return self._packed(self._exporter.pieces(job))

    @property
    def parts(self) -> Exporter:
        return self._exporter

    def joined(self, file: BinaryIO, _created: datetime) -> Iterator[bytes]:
        return self._packed(iter(lambda: file.read(_PIECE), b""))

    def _packed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        compressor = self._coding.compressor()
        for piece in pieces:
            if packed := compressor.compress(piece):
                yield packed
        yield compressor.flush()

    def verify(self, file: Path) -> Iterator[Finding]:
        try:
            with file.open("rb") as packed, self._coding.opened(packed) as lines:
                yield from self._exporter.findings(file.name, lines)
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            yield Finding(file.name, None, self._coding.name, f"it can't be decompressed: {error}")


def _zstd() -> _Compressor:
    compressor: _Compressor = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    return compressor


class _WholeFrame(io.RawIOBase):
    """The content of a frame. Raises EOFError if its end is missing, which zstandard's own reader does not report."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed, self._frame = packed, zstandard.ZstdDecompressor().decompressobj()
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held and not self._frame.eof:
            if not (piece := self._packed.read(1 << 16)):
                raise EOFError("it ends before its end")
            self._held = self._frame.decompress(piece)
        size = min(len(self._held), len(buffer))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size


CODINGS = {
    coding.name: coding
    for coding in (
        Coding("zst", "application/zstd", _zstd, lambda packed: io.BufferedReader(_WholeFrame(packed), 1 << 16)),
        Coding(
            "gz",
            "application/gzip",
            lambda: zlib.compressobj(6, zlib.DEFLATED, _GZIP),
            lambda packed: gzip.GzipFile(fileobj=packed),
        ),
    )
}
"""By the suffix of a file."""
