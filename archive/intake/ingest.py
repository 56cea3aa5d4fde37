"""Ingest complete WARCs: put the bytes into the store, then captures and texts into the index."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from isal import isal_zlib

from archive.index.index import Index
from archive.index.row_counts import note_all_texts, owes_events
from archive.shipping.sidecars import rows_in, write_texts
from archive.shipping.upload import Publisher
from archive.spool.sealed import Sealed
from archive.values.capture import Capture
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import NotWhole, RefusedWarc
from archive.values.observed_file import Observer, open_observed, unobserved
from archive.values.timestamps import timestamp14
from archive.values.urlkey import urlkey
from archive.warc.facts import captures_of
from archive.warc.integrity.verify import verify_file
from archive.warc.record import Damage, Record, read

if TYPE_CHECKING:
    from archive.texts.texts import TextRow

ReadTexts = Callable[[Sealed], Iterable["TextRow"]]

_GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_OURS = b"software: pressmark/"
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ingested:
    segment: str
    captures: int
    """The number of its captures in the index, without failed exchanges."""
    again: bool
    """Whether the archive already had the same bytes."""
    records: Mapping[str, int] = field(default_factory=dict)
    """The number of records by WARC-Type; empty if the archive already had them."""


class Ingest:
    """Each file becomes a segment and, for the chain of manifests, its own worker. Repeating this is harmless."""

    def __init__(
        self, index: Index, publisher: Publisher, read_texts: ReadTexts | None, observer: Observer = unobserved
    ) -> None:
        self._index = index
        self._publisher = publisher
        self._read_texts = read_texts
        self._observer = observer

    def add(self, warc: Path, collection: str) -> Ingested:
        """Ingest a WARC. Raises NotWhole with the reason for an incomplete WARC; RefusedWarc; StoreError."""
        with tempfile.TemporaryDirectory(prefix="pressmark-ingest-") as directory:
            path = _by_record(warc, Path(directory))
            with open_observed(path, "read", self._observer) as file:
                digest = sha256_file(file)
            known = self._index.holding(digest)
            if known and known.collection != collection:
                raise RefusedWarc(warc.name, f"it is already in the collection {known.collection}")
            if known and not owes_events(self._index.database, known.name):
                return Ingested(known.name, self._index.size_of(known.name), again=True)
            with open_observed(path, "checked", self._observer) as file:
                _check(file, warc.name)
            with open_observed(path, "indexed", self._observer) as file:
                sealed, captures, records = _examine(file, path, digest, collection)
            if not known and self._index.segment(sealed.name):
                raise RefusedWarc(warc.name, f"a segment {sealed.name} with other bytes already exists")
            return self._publish(sealed, captures, records)

    def _publish(self, sealed: Sealed, captures: Sequence[Capture], records: Mapping[str, int]) -> Ingested:
        """Put a segment into the store and the index, or complete what an interruption left out of the index."""
        listed = [capture for capture in captures if capture.kind != "failed"]
        text = sealed.path.with_name("texts")
        with text.open("wb") as sidecar:
            count = write_texts(self._read_texts(sealed), sidecar, text.parent) if self._read_texts else 0
        manifest = self._publisher.publish(sealed, listed, text if count else None, None)
        self._index.commit_captures(manifest, listed, count or None)
        if count:
            with text.open("rb") as sidecar:
                self._index.note_texts(sealed.name, rows_in(sidecar))
            note_all_texts(self._index.database, sealed.name)
        return Ingested(sealed.name, len(listed), again=False, records=records)


def _check(file: BinaryIO, name: str) -> None:
    """Raise NotWhole for the first defect, if any."""
    for finding in verify_file(file, name):
        where = "" if finding.offset is None else f"at offset {finding.offset}: "
        raise NotWhole(name, f"{where}{finding.sentence}")


def _examine(
    file: BinaryIO, path: Path, digest: Sha256, collection: str
) -> tuple[Sealed, list[Capture], dict[str, int]]:
    """Return the file as a sealed segment, its captures, and the number of records of each type."""
    first = next(read(file))
    name, seen = _name(first, digest), Counter[str]()
    file.seek(0)
    captures = list(captures_of(_counted(read(file), seen), name, collection, urlkey))
    times = [capture.at for capture in captures] or [first.at or _UNDATED]
    sealed = Sealed(
        name=name,
        path=path,
        journal=path.with_name(f"{name}.journal.jsonl"),  # it does not exist: captures are read from the WARC
        sha256=digest,
        size=path.stat().st_size,
        records=seen.total(),
        first_at=min(times),
        last_at=max(times),
        collection=collection,
        epoch=0,
        worker=f"ingest-{digest[:16]}",
    )
    return sealed, captures, dict(seen)


def _name(first: Record, digest: Sha256) -> str:
    """Return the name of the segment: our own keep theirs, others are named by time and digest."""
    ours = first.type == "warcinfo" and isinstance(first.block, bytes) and first.block.startswith(_OURS)
    if ours and (filename := first.header("warc-filename")):
        return filename.removesuffix(".warc.gz")
    return f"{timestamp14(first.at or _UNDATED)}-{digest[:16]}"


def _counted(records: Iterable[Record], seen: Counter[str]) -> Iterator[Record]:
    """Yield records unchanged, and count them by type."""
    for record in records:
        seen[record.type] += 1
        yield record


def _by_record(warc: Path, directory: Path) -> Path:
    """Link the WARC into our directory; an uncompressed one is compressed there, one gzip member per record."""
    path = directory / "taken.warc.gz"
    with warc.open("rb") as file:
        if file.read(2) == _GZIP:
            path.symlink_to(warc.absolute())
            return path
        file.seek(0)
        try:
            places = [(record.offset, record.length) for record in read(file)]
        except Damage as damage:
            raise NotWhole(warc.name, str(damage)) from damage
        with path.open("wb") as compressed:
            for offset, length in places:
                file.seek(offset)
                _compress(file, length, compressed)
    return path


def _compress(file: BinaryIO, length: int, into: BinaryIO) -> None:
    member = isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    while length and (piece := file.read(min(length, _PIECE))):
        into.write(member.compress(piece))
        length -= len(piece)
    into.write(member.flush())
