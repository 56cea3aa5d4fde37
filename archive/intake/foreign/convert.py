"""Convert a foreign file to a valid WARC, record by record; each is accepted or refused."""

from __future__ import annotations

import base64
import hashlib
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archive.intake.foreign.arc import ArcRecord, arc_records
from archive.intake.foreign.form import GZIP, Form
from archive.intake.foreign.unpack import Allowance, RefusedRecord, Unpacked, unpack_gzip, unpack_zstd
from archive.intake.foreign.walk import walk
from archive.values.digest import blocks
from archive.values.observed_file import Observer, open_observed, unobserved
from archive.warc.exchange_records import date, one_line, uri, warcinfo
from archive.warc.integrity.verify import flaws
from archive.warc.record import Record
from archive.warc.record_writer import RecordWriter

Fields = list[tuple[str, str]]

_SPACE = uuid.UUID("1f0f4a52-6c3c-5d06-9a53-0a6f6b0a2c11")
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = 1 << 20
_WRITER = RecordWriter()
_NEED_URL = frozenset({"response", "revisit", "request", "resource", "conversion"})
_OURS_TO_SAY = frozenset({"content-length", "warc-record-id", "warc-target-uri"})


@dataclass(frozen=True, slots=True)
class Converted:
    taken: Mapping[str, int]
    """Records by WARC-Type, without the warcinfo of the new file."""
    refused: tuple[RefusedRecord, ...]


def convert(
    source: Path, form: Form, target: Path, identity: str, *, allowance: Allowance, observer: Observer = unobserved
) -> Converted:
    """Write the complete records of `source` to a WARC at `target`. The same source gives the same records.

    `identity` is a unique name of the source; it becomes the name of the new file. `observer` gets the progress.
    """
    with tempfile.TemporaryFile() as plain:
        unpacked = _unpack(source, form, plain, allowance, observer)
        size = plain.seek(0, 2)
        with target.open("wb") as out:
            if form == "arc":
                writing = _ConvertedFile(out, source.name, identity)
                writing.convert_arc(plain, arc_records(plain, size))
            else:
                writing = _ConvertedFile(out, source.name, identity)
                writing.convert_warc(walk(plain, size), unpacked)
    return Converted(dict(writing.taken), (*unpacked.refused, *writing.refused))


def _unpack(source: Path, form: Form, into: BinaryIO, allowance: Allowance, observer: Observer) -> Unpacked:
    size = source.stat().st_size
    with open_observed(source, "converted", observer) as file:
        if form == "zstd":
            return unpack_zstd(file, size, into, allowance)
        if file.read(2) == GZIP:
            return unpack_gzip(file, size, into, allowance)
        file.seek(0)
        while piece := file.read(_PIECE):
            into.write(piece)
    return Unpacked()


class _ConvertedFile:
    """The new file. It begins with our warcinfo, dated like the first accepted record."""

    def __init__(self, out: BinaryIO, name: str, identity: str) -> None:
        self._out, self._name, self._identity = out, name, identity
        self.taken = Counter[str]()
        self.refused: list[RefusedRecord] = []

    def convert_warc(self, records: Iterable[Record | RefusedRecord], unpacked: Unpacked) -> None:
        for record in records:
            if isinstance(record, RefusedRecord):
                self.refused.append(record)
            elif why := _why_not(record, doubtful=unpacked.is_doubtful(record.offset)):
                self.refused.append(RefusedRecord(record.offset, why))
            else:
                self._put(record.at or _UNDATED, self._fields(record), blocks(record.block), record.block_length)

    def convert_arc(self, file: BinaryIO, records: Iterable[ArcRecord | RefusedRecord]) -> None:
        for record in records:
            if isinstance(record, RefusedRecord):
                self.refused.append(record)
            else:
                fields = self._arc_fields(file, record)
                self._put(record.at, fields, _part(file, record.body, record.length), record.length)

    def _fields(self, record: Record) -> Fields:
        """Return the fields, changed only where WARC 1.1 requires it. A missing id is derived from the offset."""
        kept = [(name, one_line(value)) for name, value in record.headers if name.lower() not in _OURS_TO_SAY]
        first = [("WARC-Record-ID", record.id or self._id(record.offset))]
        first += [("WARC-Target-URI", uri(record.url))] if record.url else []
        return [(name, value) for name, value in (*first, *kept) if name.isascii() and name.isprintable()]

    def _arc_fields(self, file: BinaryIO, record: ArcRecord) -> Fields:
        file.seek(record.body)
        is_http = file.read(5) == b"HTTP/"
        sha1 = hashlib.sha1(usedforsecurity=False)
        for piece in _part(file, record.body, record.length):
            sha1.update(piece)
        content_type = one_line(record.content_type)
        return [
            ("WARC-Record-ID", self._id(record.offset)),
            ("WARC-Target-URI", uri(record.url)),
            ("WARC-Type", "response" if is_http else "resource"),
            ("WARC-Date", date(record.at)),
            *([("WARC-IP-Address", record.ip)] if record.ip.strip("0.") else []),
            ("WARC-Block-Digest", f"sha1:{base64.b32encode(sha1.digest()).decode()}"),
            ("Content-Type", "application/http;msgtype=response" if is_http else content_type),
        ]

    def _id(self, offset: int) -> str:
        return f"<{uuid.uuid5(_SPACE, f'{self._identity} {offset}').urn}>"

    def _put(self, at: datetime, fields: Fields, block: Iterable[bytes], length: int) -> None:
        if not self.taken:
            told = {"isPartOf": "import", "description": f"taken from {one_line(self._name)}"}
            self._out.write(warcinfo(self._identity, at, told, record_id=self._id(-1)))
        _WRITER.put(_WRITER.copy(fields, block, length), self._out.write)
        self.taken[dict(fields)["WARC-Type"]] += 1


def _why_not(record: Record, *, doubtful: bool) -> str | None:
    """Return why a complete record is refused; None if it is accepted."""
    if not record.type:
        return "it has no record type"
    if record.at is None:
        return f"the {record.type} record has no valid date: {record.header('warc-date')!r}"
    if record.type in _NEED_URL and not record.url:
        return f"the {record.type} record has no URL"
    if wrong := next((sentence for kind, sentence in flaws(record) if kind != "field"), None):
        return wrong
    if doubtful and not (record.header("warc-block-digest") or record.header("warc-payload-digest")):
        return "it comes from a damaged part of the file and has no digest to check it"
    return None


def _part(file: BinaryIO, offset: int, length: int) -> Iterator[bytes]:
    file.seek(offset)
    while length and (piece := file.read(min(length, _PIECE))):
        length -= len(piece)
        yield piece
