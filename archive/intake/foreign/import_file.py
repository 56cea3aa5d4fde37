"""Ingest files of any crawler: complete WARCs unchanged, other files record by record."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from archive.index.row_counts import owes_events
from archive.intake.foreign.convert import convert
from archive.intake.foreign.form import form_of
from archive.intake.foreign.unpack import Allowance, RefusedRecord
from archive.intake.foreign.wacz import warcs_in
from archive.intake.ingest import Ingested
from archive.values.capture import Capture
from archive.values.digest import sha256_file
from archive.values.errors import NotWhole, RefusedWarc
from archive.values.observed_file import Observer, open_observed, unobserved
from archive.values.timestamps import timestamp14
from archive.warc.exchange_records import date

if TYPE_CHECKING:
    from archive.index.index import Index

Ingest = Callable[[Path, str], Ingested]


@dataclass(frozen=True, slots=True)
class DanglingRevisit:
    """A revisit without an archived original."""

    url: str
    timestamp: str
    why: str


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The result for a file, or for one WARC in a WACZ."""

    name: str
    segment: str | None
    """None if no record was accepted."""
    captures: int
    """The number of its captures in the index."""
    again: bool
    """Whether it was ingested before: then nothing is done, and `refused` is not determined again."""
    converted: bool
    """Whether it was converted, since it could not be stored unchanged."""
    refused: tuple[RefusedRecord, ...] = ()
    taken: Mapping[str, int] = field(default_factory=dict)
    """Accepted records by WARC-Type; the others of the file were refused. Empty if it was ingested before."""
    dangling: tuple[DanglingRevisit, ...] = ()
    """The captures that can't be read, since their original is missing."""


@dataclass(frozen=True, slots=True)
class _Intake:
    """Where the records of a file go, what it may unpack to, and who gets the progress of a conversion."""

    collection: str
    ingest: Ingest
    index: Index
    allowance: Allowance
    observer: Observer


def import_file(
    file: Path,
    collection: str,
    ingest: Ingest,
    index: Index,
    *,
    allowance: Allowance | None = None,
    observer: Observer = unobserved,
) -> Iterator[ImportedFile]:
    """Ingest a file: one result, or one for each WARC in a WACZ. Repeating this is harmless.

    `allowance` limits what it unpacks to; `observer` gets the progress of a conversion. The content of the file causes
    no error, except RefusedWarc. Also raises StoreError and OSError.
    """
    intake = _Intake(collection, ingest, index, allowance or Allowance(), observer)
    if form_of(file) != "wacz":
        yield _take(file, file.name, intake)
        return
    with tempfile.TemporaryDirectory(prefix="pressmark-wacz-") as directory:
        for name, found in warcs_in(file, Path(directory), intake.allowance):
            label = f"{file.name}:{name}" if name != file.name else name
            if isinstance(found, RefusedRecord):
                yield ImportedFile(label, None, 0, again=False, converted=False, refused=(found,))
            else:
                yield _take(found, label, intake)


def _take(file: Path, name: str, intake: _Intake) -> ImportedFile:
    form = form_of(file)
    if form == "unknown":
        refused = RefusedRecord(0, "its first bytes are not those of a WARC, ARC or WACZ")
        return ImportedFile(name, None, 0, again=False, converted=False, refused=(refused,))
    if form == "warc":
        try:
            whole = intake.ingest(file, intake.collection)
        except NotWhole:
            pass
        else:
            return _imported(name, whole, intake.index, converted=False)
    return _converted(file, name, intake)


def _converted(file: Path, name: str, intake: _Intake) -> ImportedFile:
    index = intake.index
    with open_observed(file, "read", intake.observer) as content:
        segment = f"import-{sha256_file(content)[:32]}"
    if (known := index.segment(segment)) and known.object_key:
        if known.collection != intake.collection:
            raise RefusedWarc(name, f"it is already in the collection {known.collection}")
        if not owes_events(index.database, segment):
            return _imported(name, Ingested(segment, index.size_of(segment), again=True), index, converted=True)
    with tempfile.TemporaryDirectory(prefix="pressmark-import-") as directory:
        target = Path(directory) / f"{segment}.warc.gz"
        made = convert(file, form_of(file), target, segment, allowance=intake.allowance, observer=intake.observer)
        if not made.taken:
            refused = made.refused or (RefusedRecord(0, "it contains no records"),)
            return ImportedFile(name, None, 0, again=False, converted=True, refused=refused)
        whole = intake.ingest(target, intake.collection)
    return _imported(name, replace(whole, records=made.taken), index, converted=True, refused=made.refused)


def _imported(
    name: str, whole: Ingested, index: Index, *, converted: bool, refused: tuple[RefusedRecord, ...] = ()
) -> ImportedFile:
    dangling = tuple(map(_dangling, index.dangling(whole.segment)))
    return ImportedFile(name, whole.segment, whole.captures, whole.again, converted, refused, whole.records, dangling)


def _dangling(capture: Capture) -> DanglingRevisit:
    if original := capture.refers_to:
        why = f"it refers to {original.url} of {date(original.at)}, which is not archived"
    else:
        why = "it refers to no original, and no capture of its URL has the same payload"
    return DanglingRevisit(capture.url, timestamp14(capture.at), why)
