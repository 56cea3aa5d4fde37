"""One segment that was left open, or that the disk has damaged, made whole and sealed.

Every intact record keeps its offset. What is intact and has no journal line is acknowledged now. Damaged ranges are
copied to quarantine, and a filler of the same length takes their place; what is torn or damaged at the end is cut off.

An exchange is its main record (the response, or the request of an exchange that failed) and what accompanies it. If the
main record is damaged, the capture is lost. If only its companion is, the capture stays readable without it.
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
from archive.values.timestamps import parse_date
from archive.warc.facts import Drafted, Urlkey, capture_from, exchanges_of
from archive.warc.journal import SUFFIX, Closing, Heading, Journal, closing_line, heading_line, line, load
from archive.warc.record import Record

LOST = ".lost.jsonl"
TAIL = ".tail"
DAMAGED = ".damaged"

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What a segment holds, compared with its journal."""

    heading: Heading
    size: int
    """Bytes of the file as it is."""
    good: int
    """Bytes of the file as it will be, up to the last intact exchange."""
    records: int
    """As they will be, fillers included."""
    captures: tuple[Capture, ...]
    """All whose main record is intact, in the order of the file."""
    again: tuple[Capture, ...]
    """Those of them that have no line in the journal."""
    lost: tuple[Capture, ...]
    """Lines of the journal whose main records are not there, or damaged."""
    damaged: tuple[Damaged, ...]
    """The ranges before `good` that fillers will take the place of."""

    @property
    def set_aside(self) -> tuple[tuple[int, int], ...]:
        """The ranges of bytes that go to quarantine; the one behind `good` is the last."""
        within = tuple((one.start, min(one.end, self.size)) for one in self.damaged if one.start < self.size)
        return (*within, (self.good, self.size)) if self.good < self.size else within


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a segment: sealed, or removed when there was no capture in it."""

    sealed: Sealed | None
    quarantined: tuple[Path, ...]
    again: tuple[Capture, ...]
    lost: tuple[Capture, ...]


def salvage(directory: Path, warc: Path, *, now: Callable[[], datetime], urlkey: Urlkey) -> Salvaged:
    """Make the segment at `warc` whole and seal it in the spool at `directory`. Again after a crash is harmless.

    A file that failed an fsync is written anew first. Raises IntegrityError when the disk does not give the segment
    back, and then leaves it as it is; OSError when the disk takes no writes.
    """
    if warc.name.endswith(FAILED):
        warc = rewritten(warc)
    name = warc.name.removesuffix(OPEN)
    journal = warc.with_name(name + SUFFIX)
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

    Raises IntegrityError when the disk does not give the segment back.
    """
    name = warc.name.removesuffix(OPEN).removesuffix(FAILED)
    listed = {(capture.location.offset, capture.record_id): capture for capture in journal.captures}
    collection = journal.heading.collection if journal.heading else ""

    def facts(record: Record) -> Drafted:
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
    """Of a segment whose warcinfo and journal are both gone: its name still tells when it was opened."""
    stamp, _, rest = name.partition("-")
    opened = parse_date(f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:11]}:{stamp[11:13]}:{stamp[13:15]}Z")
    epoch = rest.partition("-")[0]
    return Heading(name, "default", "unknown", int(epoch) if epoch.isdigit() else 0, opened or _UNDATED)


def rewritten(failed: Path) -> Path:
    """Copy a file whose fsync failed to another inode, durably: its own pages may never reach the disk."""
    warc = failed.with_name(failed.name.removesuffix(FAILED) + OPEN)
    if not warc.exists():
        _write(warc, _bytes_of(failed, 0))
    failed.unlink()
    fsync_directory(warc.parent)
    return warc


def quarantine_lost(directory: Path, name: str, captures: Iterable[Capture]) -> None:
    """Note what was acknowledged and is not there, for as long as no one clears it."""
    write_whole(directory / "quarantine" / (name + LOST), b"".join(map(line, captures)))


def _quarantine(directory: Path, warc: Path, plan: Plan) -> Iterator[Path]:
    """Copy what will not be kept. The name tells the segment and the range of its bytes."""
    for start, end in plan.set_aside:
        suffix = TAIL if start == plan.good else f"-{end}{DAMAGED}"
        aside = directory / "quarantine" / f"{plan.heading.segment}-{start}{suffix}"
        _write(aside, _bytes_of(warc, start, end))
        yield aside


def _make_whole(warc: Path, plan: Plan, at: datetime) -> None:
    """Replace the file by one with fillers in it; one without damage before its end is only cut."""
    if plan.damaged:
        _write(warc, _pieces(warc, plan, at))
    elif plan.good < plan.size:
        with warc.open("r+b") as file:
            file.truncate(plan.good)
            os.fsync(file.fileno())


def _pieces(warc: Path, plan: Plan, at: datetime) -> Iterator[bytes]:
    place = 0
    for one in plan.damaged:
        yield from _bytes_of(warc, place, one.start)
        yield from filler(one.end - one.start, at=at, companion_of=one.companion_of)
        place = one.end
    yield from _bytes_of(warc, place, plan.good)


def _bytes_of(path: Path, start: int, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` on, up to `end`, a piece at a time. Raises IntegrityError."""
    with reading(path), path.open("rb") as file:
        file.seek(start)
        while piece := file.read(_PIECE if end is None else min(_PIECE, end - file.tell())):
            yield piece


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all, durably; `pieces` may come from the file that it replaces."""
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
