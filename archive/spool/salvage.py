"""Repair and seal a segment that was left open, or that the disk has damaged.

Every intact record keeps its offset. Intact records without a journal line are acknowledged now. Damaged ranges are
copied to quarantine and replaced by fillers of the same length; torn or damaged bytes at the end are cut off.

An exchange consists of its main record (the response, or the request of a failed exchange) and accompanying records. If
the main record is damaged, the capture is lost. If only an accompanying one is, the capture stays readable.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from archive.spool.filler import filler
from archive.spool.intact import Damaged, Walk
from archive.spool.open_segment import FAILED, OPEN
from archive.spool.sealed import Sealed, made, move
from archive.values.atomic_files import fsync_directory, reading, write_whole
from archive.values.capture import Capture
from archive.values.digest import sha256_file
from archive.values.errors import IntegrityError
from archive.values.timestamps import parse_date
from archive.warc.facts import CaptureDraft, Urlkey, capture_from, exchanges_of
from archive.warc.journal import SUFFIX, Closing, Heading, Journal, closing_line, heading_line, line, load
from archive.warc.record import Record

LOST = ".lost.jsonl"
TAIL = ".tail"
DAMAGED = ".damaged"

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """The content of a segment, compared with its journal."""

    heading: Heading
    size: int
    """Current bytes of the file."""
    good: int
    """Bytes of the repaired file, up to the last intact exchange."""
    records: int
    """Records of the repaired file, including fillers."""
    captures: tuple[Capture, ...]
    """Captures with an intact main record, in file order."""
    again: tuple[Capture, ...]
    """Those of them without a journal line."""
    lost: tuple[Capture, ...]
    """Journal lines with missing or damaged main records."""
    damaged: tuple[Damaged, ...]
    """The ranges before `good` that fillers will replace."""

    @property
    def set_aside(self) -> tuple[tuple[int, int], ...]:
        """The byte ranges for quarantine; the last one is the part behind `good`."""
        within = tuple((one.start, min(one.end, self.size)) for one in self.damaged if one.start < self.size)
        return (*within, (self.good, self.size)) if self.good < self.size else within


@dataclass(frozen=True, slots=True)
class Salvaged:
    """The result for a segment: sealed, or removed if it had no captures."""

    sealed: Sealed | None
    quarantined: tuple[Path, ...]
    again: tuple[Capture, ...]
    lost: tuple[Capture, ...]


def salvage(directory: Path, warc: Path, *, now: Callable[[], datetime], urlkey: Urlkey) -> Salvaged:
    """Repair the segment at `warc` and seal it in the spool at `directory`. Repeating this after a crash is harmless.

    A file whose fsync failed is first copied. Raises IntegrityError if the disk can't read the segment, or it or its
    journal is a link, and then leaves it unchanged; OSError if the disk accepts no writes.
    """
    if warc.name.endswith(FAILED):
        warc = rewritten(warc)
    name = warc.name.removesuffix(OPEN)
    journal = warc.with_name(name + SUFFIX)
    _refuse_link(journal)
    plan = examine(warc, load(journal), urlkey)
    quarantined = tuple(_quarantine(directory, warc, plan))
    if plan.lost:
        quarantine_lost(directory, name, plan.lost)
    at = now()
    _make_whole(warc, plan, at)
    if not plan.captures:
        warc.unlink()
        journal.unlink(missing_ok=True)
        fsync_directory(warc.parent)
        return Salvaged(None, quarantined, (), plan.lost)
    return Salvaged(_seal(directory, warc, plan, at), quarantined, plan.again, plan.lost)


def examine(warc: Path, journal: Journal, urlkey: Urlkey) -> Plan:
    """Compare a segment with its journal. Changes nothing.

    Raises IntegrityError if the disk can't read the segment, or it is a link.
    """
    _refuse_link(warc)
    name = warc.name.removesuffix(OPEN).removesuffix(FAILED)
    listed = {(capture.location.offset, capture.record_id): capture for capture in journal.captures}
    collection = journal.heading.collection if journal.heading else ""

    def facts(record: Record) -> CaptureDraft:
        if known := listed.get((record.offset, record.id or "")):
            return partial(_as_found, known)
        return capture_from(record, name, walk.heading.collection if walk.heading else collection, urlkey)

    with reading(warc), warc.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        walk = Walk(file, size, journal)
        groups = list(exchanges_of(walk.records(), facts))
    heading = replace(journal.heading or walk.heading or _unknown(name), segment=name)
    whole, again = [], []
    for group in groups:
        if known := listed.pop((group.offset, group.record_id or ""), None):
            whole.append(known)
        else:
            found = group.capture()
            again.append(found._replace(location=replace(found.location, length=group.length)))
            whole.append(again[-1])
    good = walk.tail() if whole or not listed else 0
    damaged = tuple(one for one in walk.damaged if one.start < good)
    lost = tuple(listed.values())
    return Plan(heading, size, good, walk.count + len(damaged), tuple(whole), tuple(again), lost, damaged)


def _as_found(known: Capture, *, span: int, error: str | None) -> Capture:
    return known._replace(span=span, error=error)


def _unknown(name: str) -> Heading:
    """Return a heading for a segment without warcinfo and journal: its name contains the time of its creation."""
    stamp, _, rest = name.partition("-")
    opened = parse_date(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:11]}:{stamp[11:13]}:{stamp[13:15]}Z")
    epoch = rest.partition("-")[0]
    return Heading(name, "default", "unknown", int(epoch) if epoch.isdigit() else 0, opened or _UNDATED)


def rewritten(failed: Path) -> Path:
    """Copy a file whose fsync failed to another inode, durably: its own pages may never reach the disk.

    Raises IntegrityError if it is a link or can't be read.
    """
    _refuse_link(failed)
    warc = failed.with_name(failed.name.removesuffix(FAILED) + OPEN)
    if not warc.exists():
        _write(warc, _bytes_of(failed, 0))
    failed.unlink()
    fsync_directory(warc.parent)
    return warc


def quarantine_lost(directory: Path, name: str, captures: Iterable[Capture]) -> None:
    """Record acknowledged captures that are missing, until an operator clears the record."""
    write_whole(directory / "quarantine" / (name + LOST), b"".join(map(line, captures)))


def _quarantine(directory: Path, warc: Path, plan: Plan) -> Iterator[Path]:
    """Copy the ranges that will be removed. The file names contain the segment and the byte range."""
    for start, end in plan.set_aside:
        suffix = TAIL if start == plan.good else f"-{end}{DAMAGED}"
        aside = directory / "quarantine" / f"{plan.heading.segment}-{start}{suffix}"
        _write(aside, _bytes_of(warc, start, end))
        yield aside


def _make_whole(warc: Path, plan: Plan, at: datetime) -> None:
    """Replace the file by one with fillers; a file with damage only at its end is truncated."""
    if plan.damaged:
        _write(warc, _pieces(warc, plan, at))
    elif plan.good < plan.size:
        with open(warc, "r+b", opener=_opened_itself) as file:
            file.truncate(plan.good)
            os.fsync(file.fileno())


def _refuse_link(path: Path) -> None:
    """Raise IntegrityError for a symbolic link: who repairs through it changes a file elsewhere, on any disk."""
    if path.is_symlink():
        raise IntegrityError(
            f"{path} is a symbolic link, which no spool has; it and its file are left as they are; put the file itself"
            " in its place, or remove the link, and start again"
        )


def _opened_itself(path: str, flags: int) -> int:
    """Open a file, never through a link that took its place meanwhile. Raises OSError."""
    return os.open(path, flags | os.O_NOFOLLOW)


def _pieces(warc: Path, plan: Plan, at: datetime) -> Iterator[bytes]:
    place = 0
    for one in plan.damaged:
        yield from _bytes_of(warc, place, one.start)
        yield from filler(one.end - one.start, at=at, companion_of=one.companion_of)
        place = one.end
    yield from _bytes_of(warc, place, plan.good)


def _bytes_of(path: Path, start: int, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file from `start` to `end` in pieces. Raises IntegrityError."""
    with reading(path), path.open("rb") as file:
        file.seek(start)
        while piece := file.read(_PIECE if end is None else min(_PIECE, end - file.tell())):
            yield piece


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file atomically and durably; `pieces` may come from the file that it replaces."""
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    fsync_directory(path.parent)


def _seal(directory: Path, warc: Path, plan: Plan, at: datetime) -> Sealed:
    with warc.open("rb") as file:
        closing = Closing(sha256_file(file), plan.good, at, plan.records)
    lines = [heading_line(plan.heading), *map(line, plan.captures), closing_line(closing)]
    write_whole(warc.with_name(plan.heading.segment + SUFFIX), b"".join(lines))
    moments = [capture.at for capture in plan.captures]
    path = move(directory, warc, plan.heading, closing.sha256)
    return made(path, plan.heading, closing, min(moments), max(moments))
