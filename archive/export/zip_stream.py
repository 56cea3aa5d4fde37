"""Write ZIP archives as a stream. No size is known in advance, so every local header has a ZIP64 field.

The central directory has a ZIP64 field only for what is beyond 4 GiB, so each entry also gets an extended timestamp in
both places: readers by ranges, such as that of replayweb.page, take "no extra field in the directory" to mean that the
local header has none either, and would read 20 bytes too early.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archive.export.sink import Sink
from archive.values.errors import Finding

_PIECE = 1 << 20
_FIRST = datetime(1980, 1, 1, tzinfo=UTC)
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the archive."""

    name: str
    size: int
    sha256: str


class StreamedZip:
    """Each call yields bytes, which the caller passes on in order; `end` yields the last ones."""

    def __init__(self, at: datetime) -> None:
        """Create an archive. `at` is the time of all entries, so that the same entries give the same bytes."""
        self._sink = Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")
        moment = max(at.astimezone(UTC), _FIRST)
        self._time, self._extra = moment.timetuple()[:6], _extended_timestamp(moment)
        self.entries: list[Entry] = []

    def add(self, name: str, content: Iterable[bytes], *, stored: bool = False) -> Iterator[bytes]:
        """Yield the bytes of one more file. `stored` leaves it uncompressed, which reading by ranges requires."""
        info = zipfile.ZipInfo(name, self._time)
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        info.external_attr = _MODE
        info.extra = self._extra
        whole, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as entry:
            for piece in content:
                entry.write(piece)
                whole.update(piece)
                size += len(piece)
                yield from self._sink.drain()
        self.entries.append(Entry(name, size, whole.hexdigest()))
        yield from self._sink.drain()

    def end(self) -> Iterator[bytes]:
        self._zip.close()
        yield from self._sink.drain()


def _extended_timestamp(at: datetime) -> bytes:
    """Return the extra field "UT" of Info-ZIP with the time of modification in seconds since 1970."""
    return struct.pack("<HHBL", 0x5455, 5, 1, min(int(at.timestamp()), 0xFFFFFFFF))


def entries_of(file: Path) -> tuple[dict[str, Entry], list[Finding]]:
    """Read every byte of a ZIP archive. Return its entries, and what is wrong with it."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive, file.name)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        return {}, [Finding(file.name, None, "zip", f"it can't be read: {error}")]


def _read(archive: zipfile.ZipFile, name: str) -> tuple[dict[str, Entry], list[Finding]]:
    found: dict[str, Entry] = {}
    wrong: list[Finding] = []
    for info in archive.infolist():
        try:
            entry = _entry(archive, info)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, zlib.error) as error:
            wrong.append(Finding(name, info.header_offset, "zip", f"{info.filename}: {error}"))
        else:
            if entry.name in found:
                wrong.append(Finding(name, info.header_offset, "zip", f"{info.filename} occurs twice"))
            found[entry.name] = entry
    return found, wrong


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    whole, size = hashlib.sha256(), 0
    with archive.open(info) as content:
        while piece := content.read(_PIECE):
            whole.update(piece)
            size += len(piece)
    return Entry(info.filename, size, whole.hexdigest())
