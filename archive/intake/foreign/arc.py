"""Read ARC, the format before WARC (Internet Archive, 1996): one line of facts, then the response as received."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import BinaryIO

from archive.intake.foreign.form import ARC_START
from archive.intake.foreign.unpack import RefusedRecord
from archive.values.timestamps import parse_timestamp

_LONGEST_LINE = 1 << 16
_LINE = re.compile(
    rb"\n((?:https?|ftp|dns):[^\n]{1,9000} [0-9a-fA-F.:]{2,45} [0-9]{14} [^ \n]{1,200}(?: [^\n ]+){0,5} [0-9]{1,19})\n"
)
_WINDOW = 1 << 20
_OVERLAP = 1 << 14


@dataclass(frozen=True, slots=True)
class ArcRecord:
    """A response in an ARC. Its bytes are in the file from `body` on."""

    offset: int
    url: str
    ip: str
    at: datetime
    content_type: str
    body: int
    length: int


def arc_records(file: BinaryIO, size: int) -> Iterator[ArcRecord | RefusedRecord]:
    """Yield the records of an uncompressed ARC, without its own description, and each unreadable range."""
    offset, columns = 0, _columns(file)
    while offset < size:
        found = _at(file, offset, size, columns)
        if found is None:
            return
        if isinstance(found, RefusedRecord):
            yield found
            following = _next(file, found.offset)
            if following is None:
                return
            offset = following
            continue
        if not found.url.startswith(ARC_START.decode()):
            yield found
        offset = found.body + found.length


def _at(file: BinaryIO, offset: int, size: int, columns: int) -> ArcRecord | RefusedRecord | None:
    """Return the record there, after the empty lines behind the one before; None at the end of the file."""
    file.seek(offset)
    while (line := file.readline(_LONGEST_LINE)) and not line.strip():
        offset += len(line)
    if not line:
        return None
    try:
        return _record(line, offset, size, columns)
    except ValueError as error:
        return RefusedRecord(offset, f"this is not an ARC record: {error}")


def _record(line: bytes, offset: int, size: int, columns: int) -> ArcRecord:
    parts = line.rstrip(b"\r\n").decode("latin-1").rsplit(" ", columns - 1)
    if len(parts) != columns or not line.endswith(b"\n"):
        raise ValueError(f"its line has {len(parts)} fields, not {columns}")
    url, ip, moment, content_type, length = *parts[:4], parts[-1]
    ip_address(ip)
    if not (length.isascii() and length.isdigit()):
        raise ValueError(f"its length is {length[:20]!r}")
    if (end := offset + len(line) + int(length[:19])) > size:
        raise ValueError(f"it ends at {end}, the file at {size}")
    return ArcRecord(offset, url, ip, parse_timestamp(moment), content_type, offset + len(line), int(length))


def _columns(file: BinaryIO) -> int:
    """Return the number of facts in a line: five, or ten in version 2."""
    file.seek(0)
    return 10 if len(file.readline(_LONGEST_LINE).split()) >= 10 else 5


def _next(file: BinaryIO, offset: int) -> int | None:
    """Return where the next line of facts begins."""
    while True:
        file.seek(offset)
        window = file.read(_WINDOW)
        if found := _LINE.search(window, 1 if len(window) > 1 else 0):
            return offset + found.start(1)
        if len(window) < _WINDOW:
            return None
        offset += _WINDOW - _OVERLAP
