"""One segment that was left open made whole: what is acknowledged stays, what is whole is acknowledged, the rest is cut
off into quarantine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from archive.capture import Capture
from archive.digest import sha256_file
from archive.facts import Drafted, Urlkey, capture_from, exchanges_of
from archive.files import fsync_directory, write_whole
from archive.journal import SUFFIX, Closing, Heading, Journal, closing_line, heading_line, line, load
from archive.open_segment import FAILED, OPEN
from archive.record import Damage, Record, read
from archive.sealed import Sealed, made, move
from archive.timestamps import parse_date
from archive.verify import flaws

LOST = ".lost.jsonl"
TAIL = ".tail"

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a segment holds, compared with its journal."""

    heading: Heading
    size: int
    good: int
    """Octets that are whole, true records."""
    records: int
    captures: tuple[Capture, ...]
    """All that are whole, in the order of the file."""
    again: tuple[Capture, ...]
    """Those of them that have no line in the journal."""
    lost: tuple[Capture, ...]
    """Lines of the journal whose records are not there, or not whole."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a segment: sealed, or removed when nothing was in it."""

    sealed: Sealed | None
    tail: Path | None
    again: tuple[Capture, ...]
    lost: tuple[Capture, ...]


def salvage(directory: Path, warc: Path, *, now: Callable[[], datetime], urlkey: Urlkey) -> Salvaged:
    """Make the segment at `warc` whole and seal it in the spool at `directory`. Again after a crash is harmless.

    A file that failed an fsync is written anew first. Raises OSError when the disk gives up.
    """
    if warc.name.endswith(FAILED):
        warc = rewritten(warc)
    name = warc.name.removesuffix(OPEN)
    journal = warc.with_name(name + SUFFIX)
    plan = examine(warc, load(journal), urlkey)
    tail = _quarantine_tail(directory, warc, plan)
    if plan.lost:
        quarantine_lost(directory, name, plan.lost)
    _cut(warc, plan.good)
    if not plan.captures:
        warc.unlink()
        journal.unlink(missing_ok=True)
        fsync_directory(warc.parent)
        return Salvaged(None, tail, (), plan.lost)
    return Salvaged(_seal(directory, warc, plan, now()), tail, plan.again, plan.lost)


def examine(warc: Path, journal: Journal, urlkey: Urlkey) -> Plan:
    """Walk the records of an open segment, up to the first that is not whole or not true. Changes nothing."""
    name = warc.name.removesuffix(OPEN).removesuffix(FAILED)
    listed = {(capture.location.offset, capture.record_id): capture for capture in journal.captures}
    collection = journal.heading.collection if journal.heading else ""

    def facts(record: Record) -> Drafted:
        if known := listed.get((record.offset, record.id or "")):
            return partial(_as_found, known)
        return capture_from(record, name, walk.heading.collection if walk.heading else collection, urlkey)

    with warc.open("rb") as file:
        walk = _Walk(file)
        groups = list(exchanges_of(walk.records(), facts))
    heading = replace(journal.heading or walk.heading or _unknown(name), segment=name)
    whole, again = [], []
    for group in groups:
        known = listed.get((group.offset, group.record_id or ""))
        if known and known.span == group.span:
            del listed[group.offset, known.record_id]
            whole.append(known)
        else:
            found = group.capture()
            again.append(found._replace(location=replace(found.location, length=group.length)))
            whole.append(again[-1])
    size, lost = warc.stat().st_size, tuple(listed.values())
    return Plan(heading, size, walk.good, walk.count, tuple(whole), tuple(again), lost)


def _as_found(known: Capture, *, span: int, error: str | None) -> Capture:
    return known._replace(span=span, error=error)


class _Walk:
    """The sound records at the beginning of a segment, and how far they reach."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.good, self.count = 0, 0
        self.heading: Heading | None = None

    def records(self) -> Iterator[Record]:
        records = read(self._file)
        while True:
            try:
                record = next(records, None)
            except Damage:
                return
            if record is None or any(True for _ in flaws(record)):
                records.close()
                return
            self.good, self.count = record.offset + record.length, self.count + 1
            self.heading = self.heading or heading_of(record)
            yield record


def heading_of(record: Record) -> Heading | None:
    """The heading of a segment as its warcinfo tells it; None for any other record."""
    if record.type != "warcinfo" or not isinstance(record.block, bytes) or record.at is None:
        return None
    lines = record.block.decode(errors="replace").split("\r\n")
    facts = dict(text.split(": ", 1) for text in lines if ": " in text)
    name, epoch = (record.header("warc-filename") or "").removesuffix(".warc.gz"), facts.get("epoch", "")
    whole = name and epoch.isdigit() and {"isPartOf", "worker"} <= facts.keys()
    return Heading(name, facts["isPartOf"], facts["worker"], int(epoch), record.at) if whole else None


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
        _copy(failed, warc, 0)
    failed.unlink()
    fsync_directory(warc.parent)
    return warc


def quarantine_lost(directory: Path, name: str, captures: Iterable[Capture]) -> None:
    """Note what was acknowledged and is not there, for as long as no one clears it."""
    write_whole(directory / "quarantine" / (name + LOST), b"".join(map(line, captures)))


def _quarantine_tail(directory: Path, warc: Path, plan: Plan) -> Path | None:
    if plan.size == plan.good:
        return None
    tail = directory / "quarantine" / f"{plan.heading.segment}-{plan.good}{TAIL}"
    _copy(warc, tail, plan.good)
    return tail


def _copy(old: Path, new: Path, offset: int) -> None:
    """Copy a file from `offset` on, whole or not at all."""
    unfinished = new.with_name(f"{new.name}.tmp")
    with old.open("rb") as source, unfinished.open("wb") as copy:
        source.seek(offset)
        shutil.copyfileobj(source, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
    unfinished.rename(new)
    fsync_directory(new.parent)


def _cut(warc: Path, good: int) -> None:
    with warc.open("r+b") as file:
        file.truncate(good)
        os.fsync(file.fileno())


def _seal(directory: Path, warc: Path, plan: Plan, at: datetime) -> Sealed:
    with warc.open("rb") as file:
        closing = Closing(sha256_file(file), plan.good, at, plan.records)
    lines = [heading_line(plan.heading), *map(line, plan.captures), closing_line(closing)]
    write_whole(warc.with_name(plan.heading.segment + SUFFIX), b"".join(lines))
    moments = [capture.at for capture in plan.captures]
    path = move(directory, warc, plan.heading, closing.sha256)
    return made(path, plan.heading, closing, min(moments), max(moments))
