"""Sealed segments: complete WARCs with their digest in the name, and the journal beside each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.spool.open_segment import FAILED, OPEN
from archive.values.atomic_files import fsync_directory
from archive.values.digest import Sha256
from archive.values.errors import IntegrityError
from archive.warc.journal import SUFFIX, Closing, Heading, Journal, load, parse

logger = logging.getLogger(__name__)

WARC = ".warc.gz"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment that is no longer written."""

    name: str
    """Its name while it was written: `Location.segment`."""
    path: Path
    journal: Path
    sha256: Sha256
    size: int
    records: int
    first_at: datetime
    last_at: datetime
    collection: str
    epoch: int
    worker: str


def move(directory: Path, warc: Path, heading: Heading, sha256: Sha256) -> Path:
    """Move the WARC at `warc` and its closed journal to `sealed`, durably. Return the new path of the WARC.

    The journal is moved first, so that every sealed WARC has its journal. Recovery repairs a crash in between.
    """
    sealed = directory / "sealed"
    stem = f"{heading.opened:%Y%m%dT%H%M%SZ}-{sha256[:16]}"
    warc.with_name(heading.segment + SUFFIX).rename(sealed / (stem + SUFFIX))
    path = warc.rename(sealed / (stem + WARC))
    fsync_directory(sealed)
    fsync_directory(warc.parent)
    return path


def spools_in(home: Path) -> list[Path]:
    """Return the spools of all workers of a home."""
    return sorted(home.glob("spool/*"))


def find_segment(path: Path, segment: str) -> Path | None:
    """Find the file of a segment elsewhere in the spool if it is not at `path`, where the index expects it.

    The index may learn late, or never, that a segment was sealed: its disk may be full.
    """
    directory = path.parent.parent
    for suffix in (OPEN, FAILED):
        if (left := directory / "open" / (segment + suffix)).exists():
            return left
    for journal in (directory / "sealed").glob(f"{segment.partition('-')[0]}-*{SUFFIX}"):
        with suppress(FileNotFoundError), journal.open("rb") as file:
            heading = parse(file.readline()).heading
            if heading and heading.segment == segment:
                return journal.with_name(journal.name.removesuffix(SUFFIX) + WARC)
    return None


def reopen(directory: Path, warc: Path, segment: str) -> Path:
    """Move the WARC at `warc` and its journal back to `open`, durably. Return the new path of the WARC.

    The WARC is moved first. Recovery repairs a crash in between: it identifies the segment by the journal.
    """
    opened = directory / "open"
    again = opened / (segment + OPEN)
    rename_missing(warc, again)
    rename_missing(journal_of(warc), opened / (segment + SUFFIX))
    fsync_directory(warc.parent)
    fsync_directory(opened)
    return again


def rename_missing(old: Path, new: Path) -> None:
    """Rename a file if it exists and the new name is free."""
    if old.exists() and not new.exists():
        old.rename(new)


def sealed_of(path: Path, journal: Journal) -> Sealed | None:
    """Return the sealed segment at `path` from its journal; None if the journal is incomplete or empty."""
    heading, closing, moments = journal.heading, journal.closing, [capture.at for capture in journal.captures]
    if heading is None or closing is None or journal.torn or not moments:
        return None
    return made(path, heading, closing, min(moments), max(moments))


def made(path: Path, heading: Heading, closing: Closing, first_at: datetime, last_at: datetime) -> Sealed:
    """Return the sealed segment at `path`."""
    return Sealed(
        name=heading.segment,
        path=path,
        journal=journal_of(path),
        sha256=closing.sha256,
        size=closing.size,
        records=closing.records,
        first_at=first_at,
        last_at=last_at,
        collection=heading.collection,
        epoch=heading.epoch,
        worker=heading.worker,
    )


def journal_of(warc: Path) -> Path:
    """Return the path of the journal of a sealed WARC."""
    return warc.with_name(warc.name.removesuffix(WARC) + SUFFIX)


def sealed_in(directory: Path) -> Iterator[Sealed]:
    """Yield the sealed segments of the spool at `directory`, oldest first. Skip one with an incomplete journal, which
    is left to recovery, and one whose journal the disk can't read, with an error in the log.
    """
    for path in sorted((directory / "sealed").glob(f"*{WARC}")):
        try:
            segment = sealed_of(path, load(journal_of(path)))
        except IntegrityError as error:
            logger.error("a sealed segment is left out: %s", error)
            continue
        if segment:
            yield segment
