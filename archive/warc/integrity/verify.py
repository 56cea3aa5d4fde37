"""Verify a WARC: every byte belongs to a complete record, and every digest, length and index line matches.

Other tools accept a truncated file, a wrong length after the last record, and gzip over the whole file. Only the digest
of the whole file reveals a flipped bit in a gzip header.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from archive.values.digest import blocks, sha1_base32, sha256_file
from archive.values.disk import given_back
from archive.values.errors import DamagedRecord, Finding, IntegrityError
from archive.warc.cdxj_members import plain
from archive.warc.journal import SUFFIX as JOURNAL_SUFFIX
from archive.warc.journal import load
from archive.warc.record import Damage, Record, read

WARC_SUFFIX = ".warc.gz"

_NAMED = re.compile(r"-([0-9a-f]{16}|[0-9a-f]{64})\.warc(?:\.gz)?\Z")
_BEGINNING = re.compile(rb"\x1f\x8b\x08|WARC/1\.[01]\r\n")
_WINDOW = 1 << 20
_DIGEST_OF_NOTHING = f"sha1:{sha1_base32(b'')}"
_DIGESTS = ("block-digest", "payload-digest")
_MANDATORY = ("warc-type", "warc-record-id", "warc-date")
_WITH_URI = frozenset({"response", "resource", "request", "revisit", "conversion", "continuation"})


@dataclass(frozen=True, slots=True)
class Line:
    """The entry of a record in an index: a line of a journal or a CDXJ file."""

    index: str
    offset: int
    length: int
    digest: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    length: int
    digest: str | None
    listed: bool
    """Whether an index has to have a line for it."""
    record: str
    """Its id."""


def verify(path: Path, *, sha256: str | None = None) -> Iterator[Finding]:
    """Yield everything wrong with a WARC on disk, the digest in its name, and the journal and CDXJ beside it."""
    try:
        with given_back(str(path)), path.open("rb") as file:
            yield from verify_file(file, path.name, sha256=sha256, lines=_beside(path))
        journal = _sibling(path, JOURNAL_SUFFIX)
        if load(journal).torn:
            yield Finding(journal.name, None, "journal", "the journal contains bytes that are not a line")
    except IntegrityError as error:
        yield Finding(path.name, None, "unreadable", str(error))


def verify_file(
    file: BinaryIO, name: str, *, sha256: str | None = None, lines: Sequence[Line] | None = None
) -> Iterator[Finding]:
    """Verify an open, seekable file. `sha256` is the digest of the whole file from its manifest; by default, that in
    `name`, if there is one. `lines` are the entries of an index.
    """
    said = sha256 or (found[1] if (found := _NAMED.search(name)) else None)
    file.seek(0)
    if said and not (is_ := sha256_file(file)).startswith(said):
        yield Finding(name, None, "object-digest", f"the file's SHA-256 is {is_}, not {said}")
    places: dict[int, _Place] = {}
    for offset, kind, sentence in _walk(file, places):
        yield Finding(name, offset, kind, sentence)
    if not places:
        yield Finding(name, None, "empty", "the file contains no records")
    if lines is not None:
        yield from _compared(name, places, lines)


def intact_records(file: BinaryIO, *, as_written: bool = False) -> dict[int, str]:
    """Return the ids of the complete records of an open, seekable file that match their digests, by offset.

    Missing fields were missing when the record was ingested. In a file that is `as_written`, a digest that does not
    match was wrong from the beginning, too.
    """
    places: dict[int, _Place] = {}
    wrong = {offset for offset, kind, _ in _walk(file, places) if kind in _DIGESTS and not as_written}
    return {offset: place.record for offset, place in places.items() if offset not in wrong}


def is_true(record: Record) -> bool:
    """Return whether a complete record matches its digests."""
    return not any(kind in _DIGESTS for kind, _ in flaws(record))


def _walk(file: BinaryIO, places: dict[int, _Place]) -> Iterator[tuple[int, str, str]]:
    """Yield what is wrong with the records; after damage, continue at the next record that can be found."""
    offset: int | None = 0
    while offset is not None:
        file.seek(offset)
        try:
            for record in read(file, offset):
                offset = record.offset
                places[offset] = _Place(record.length, _payload_digest(record), _is_listed(record), record.id or "")
                for kind, sentence in flaws(record):
                    yield offset, kind, sentence
            return
        except Damage as damage:
            yield damage.offset, damage.kind, damage.why
            offset = None if damage.kind == "whole-file-gzip" else next_beginning(file, damage.offset + 1)


def next_beginning(file: BinaryIO, offset: int) -> int | None:
    """Return the offset of the next complete record from `offset` on; None if there is none."""
    while True:
        file.seek(offset)
        window = file.read(_WINDOW)
        for found in _BEGINNING.finditer(window):
            if _whole_record(file, offset + found.start()):
                return offset + found.start()
        if len(window) < _WINDOW:
            return None
        offset += _WINDOW - 16


def _whole_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return any(True for _ in read(file, offset))
    except Damage:
        return False


def flaws(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a complete record: kind and sentence."""
    kind = record.type
    for name in (*_MANDATORY, *(("warc-target-uri",) if kind in _WITH_URI else ())):
        if record.header(name) is None:
            yield "field", f"the {kind or 'unnamed'} record has no {name}"
    if record.at is None and (said := record.header("warc-date")) is not None:
        yield "field", f"the WARC-Date of the {kind or 'unnamed'} record is not a valid time: {said!r}"
    if wrong := _wrong_block_digest(record):
        yield "block-digest", f"the block's digest is {wrong[1]}, the record has {wrong[0]}"
    if wrong := _wrong_payload_digest(record):
        yield "payload-digest", f"the payload's digest is {wrong[1]}, the record has {wrong[0]}"


def _wrong_block_digest(record: Record) -> tuple[str, str] | None:
    """Check the block digest. Ignore that of no bytes, which GNU Wget (up to 1.25 at least) gives every revisit."""
    said = record.header("warc-block-digest")
    if record.type == "revisit" and said == _DIGEST_OF_NOTHING:
        return None
    return _wrong_digest(said, lambda: blocks(record.block))


def _wrong_payload_digest(record: Record) -> tuple[str, str] | None:
    """Check the payload digest. Other tools digest a chunked payload with its framing or without: accept both."""
    said = record.header("warc-payload-digest")
    if not said or record.type == "revisit":
        return None
    wrong = _wrong_digest(said, lambda: _pieces(record.raw_payload()))
    if wrong and b"chunked" in record.http_head.lower():
        return wrong if _wrong_digest(said, record.pieces) else None
    return wrong


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: body.read(_WINDOW), b"")


def _wrong_digest(said: str | None, octets: Callable[[], Iterator[bytes]]) -> tuple[str, str] | None:
    """Return the stated and the actual digest if they differ. Unknown algorithms pass."""
    algorithm, _, value = (said or "").partition(":")
    algorithm = algorithm.lower().replace("-", "")
    if algorithm not in {"sha1", "sha256", "sha512", "md5"}:
        return None
    digest = hashlib.new(algorithm, usedforsecurity=False)
    for piece in octets():
        digest.update(piece)
    if value.lower() == digest.hexdigest() or value.upper() == base64.b32encode(digest.digest()).decode():
        return None
    return said or "", f"{algorithm}:{base64.b32encode(digest.digest()).decode()}"


def _is_listed(record: Record) -> bool:
    """Return whether an index must list the record. It may omit a 304, which some tools can't replay."""
    if record.type != "revisit":
        return record.type == "response"
    return not (record.header("warc-profile") or "").endswith("/server-not-modified")


def _payload_digest(record: Record) -> str | None:
    said = record.header("warc-payload-digest")
    return said.removeprefix("sha1:") if said else None


def _compared(name: str, places: dict[int, _Place], lines: Sequence[Line]) -> Iterator[Finding]:
    for line in lines:
        place = places.get(line.offset)
        if place is None:
            yield Finding(
                name, line.offset, "index", f"{line.index} lists this offset, but no complete record is there"
            )
        elif place.length != line.length:
            why = f"{line.index} has {line.length} bytes, the record {place.length}"
            yield Finding(name, line.offset, "index", why)
        elif line.digest and place.digest and line.digest != place.digest:
            why = f"{line.index} has payload {line.digest}, the record {place.digest}"
            yield Finding(name, line.offset, "index", why)
    listed = {line.offset for line in lines}
    for offset, place in places.items():
        if place.listed and offset not in listed:
            yield Finding(name, offset, "unlisted", "no index lists this record")


def _beside(path: Path) -> Sequence[Line] | None:
    journal, cdxj = _sibling(path, JOURNAL_SUFFIX), _sibling(path, ".cdxj")
    sources = [_journal_lines(journal)] if journal.exists() else []
    sources += [cdxj_lines(cdxj.read_bytes(), cdxj.name)] if cdxj.exists() else []
    return list(chain(*sources)) if sources else None


def _sibling(path: Path, suffix: str) -> Path:
    return path.with_name(path.name.removesuffix(WARC_SUFFIX) + suffix)


def _journal_lines(journal: Path) -> Iterator[Line]:
    for capture in load(journal).captures:
        yield Line(journal.name, capture.location.offset, capture.location.length, capture.digest)


def cdxj_lines(octets: bytes, name: str) -> Iterator[Line]:
    """Read the lines of any CDXJ file, compressed or not. An invalid line gets offset -1."""
    try:
        lines = plain(octets)
    except DamagedRecord:
        lines = b"damaged"
    for text in lines.decode(errors="replace").splitlines():
        try:
            facts = json.loads(text.split(" ", 2)[2])
            digest = facts.get("digest")
            bare = digest.removeprefix("sha1:") if digest else None
            yield Line(name, int(facts["offset"]), int(facts["length"]), bare)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            yield Line(name, -1, 0, None)
