"""The journal beside a segment: the acknowledged captures, one JSON line each with its own CRC.

The first line is the heading of the segment; the last line of a sealed segment is its closing. A line is
``{"…":…,"crc":"9a3f01c7"}``, with the CRC-32 of all bytes before ``,"crc"``. A reader accepts every line with a correct
CRC, and skips the others.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archive.values.atomic_files import reading
from archive.values.capture import Capture, Location, Reference
from archive.values.digest import Sha256

SUFFIX = ".journal.jsonl"

_JSON = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of the segment, and its owner."""

    segment: str
    collection: str
    worker: str
    epoch: int
    opened: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """The facts of the segment when it was sealed."""

    sha256: Sha256
    size: int
    sealed: datetime
    records: int = 0
    """WARC records, requests and the warcinfo included."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The valid lines of a journal."""

    heading: Heading | None
    captures: tuple[Capture, ...]
    closing: Closing | None
    torn: bool
    """Whether there are bytes that are not a complete line."""
    damaged: bool
    """Whether lines may be lost: a complete line is invalid, or the heading is missing. A crash during a write causes
    neither."""


def line(capture: Capture) -> bytes:
    """Return the line of a capture, with its line end."""
    values = {name: value for name, value in capture._asdict().items() if value is not None}
    place, original = capture.location, capture.refers_to
    values["at"] = capture.at.isoformat()
    values["location"] = (place.segment, place.offset, place.length)
    if original:
        values["refers_to"] = (original.record_id, original.url, original.at.isoformat())
    return _line(values)


def heading_line(heading: Heading) -> bytes:
    return _line(asdict(heading) | {"opened": heading.opened.isoformat()})


def closing_line(closing: Closing) -> bytes:
    return _line(asdict(closing) | {"sealed": closing.sealed.isoformat()})


def _line(values: dict[str, Any]) -> bytes:
    body = _JSON.encode(values).encode()[:-1]
    return b'%b,"crc":"%08x"}\n' % (body, zlib.crc32(body))


def read(path: Path) -> Iterator[Capture]:
    """Read the captures of a journal. Raises IntegrityError if the disk can't read it."""
    yield from load(path).captures


def load(path: Path) -> Journal:
    """Read the journal at `path`; an empty one if the file does not exist.

    Raises IntegrityError if the disk can't read it.
    """
    try:
        with reading(path):
            return parse(path.read_bytes())
    except FileNotFoundError:
        return parse(b"")


def parse(octets: bytes) -> Journal:
    """Read the bytes of a journal."""
    heading: Heading | None = None
    closing: Closing | None = None
    captures = []
    lines = octets.split(b"\n")
    torn, wrong = bool(lines.pop()), False
    for text in lines:
        try:
            values = _values(text)
            if "record_id" in values:
                captures.append(_capture(values))
            elif "segment" in values:
                heading = Heading(**values | {"opened": datetime.fromisoformat(values["opened"])})
            else:
                closing = Closing(**values | {"sealed": datetime.fromisoformat(values["sealed"])})
        except (ValueError, TypeError, KeyError):
            wrong = True
    return Journal(heading, tuple(captures), closing, torn or wrong, wrong or heading is None)


def _values(text: bytes) -> dict[str, Any]:
    """Parse a line. Raises ValueError if it differs from what was written."""
    body, _, crc = text.rpartition(b',"crc":"')
    if crc != b'%08x"}' % zlib.crc32(body):
        raise ValueError("the CRC is wrong")
    values: dict[str, Any] = json.loads(body + b"}")  # JSON that ends with a brace is an object
    return values


def _capture(values: dict[str, Any]) -> Capture:
    values["at"] = datetime.fromisoformat(values["at"])
    values["location"] = Location(*values["location"])
    if original := values.get("refers_to"):
        values["refers_to"] = Reference(original[0], original[1], datetime.fromisoformat(original[2]))
    facts: dict[str, Any] = dict.fromkeys(Capture._fields)
    return Capture(**facts | values)
