"""Recover a spool before anything is written to it: repair and seal every segment left open.

Recovery needs no decision, and every step can be interrupted and repeated: a segment is only renamed or atomically
replaced, removed bytes are in quarantine before that, and the journal is replaced atomically. Recovering a recovered
spool changes nothing. A segment that the disk can't read is left unchanged, and does not stop the others.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.spool.intact import heading_of
from archive.spool.open_segment import FAILED, OPEN
from archive.spool.salvage import LOST, Plan, Salvaged, examine, quarantine_lost, rewritten, salvage
from archive.spool.sealed import WARC, Sealed, journal_of, rename_missing, reopen
from archive.spool.spool import DIRECTORIES
from archive.values.atomic_files import fsync_directory, reading
from archive.values.capture import Capture
from archive.values.errors import DamagedRecord, IntegrityError
from archive.warc.facts import Urlkey
from archive.warc.journal import SUFFIX as JOURNAL
from archive.warc.journal import Journal, load
from archive.warc.record import record_at

logger = logging.getLogger(__name__)

_LEAST_ROOM = 96 << 20


@dataclass(frozen=True, slots=True)
class Recovered:
    """The result of recovery."""

    segments: tuple[Sealed, ...]
    """Segments that were sealed now; `Spool.sealed` lists all."""
    quarantined: tuple[Path, ...]
    """Files with torn or damaged bytes."""
    lost: tuple[Capture, ...]
    """Missing acknowledged captures. They are read from quarantine, so they stay until an operator clears it."""
    captures: tuple[Capture, ...]
    """Captures on disk without a journal line, which are acknowledged now."""
    last_at: datetime | None
    """The latest time found, for `Spool.now.not_before`."""
    clock_suspect: bool
    """Whether the clock is earlier than an archived capture."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What recovery would do to a segment left open."""

    sentence: str
    lost: int
    """Acknowledged captures that are damaged or missing."""
    readable: bool = True
    """Whether the disk can read the segment."""


def recover(
    directory: Path, *, now: Callable[[], datetime], urlkey: Urlkey | None = None, last: datetime | None = None
) -> Recovered:
    """Recover the spool at `directory`; the caller holds its lock. Segments that are being written stay unchanged.

    `last` is the time of the latest capture in the index. A segment that can't be read stays for the next recovery, and
    the log names its file. Raises OSError if the disk accepts no writes.
    """
    for name in DIRECTORIES:
        (directory / name).mkdir(parents=True, exist_ok=True)
    _make_room(directory)
    _delete_temporary(directory)
    for failed in sorted((directory / "open").glob(f"*{FAILED}")):
        with _left_as_it_is():
            rewritten(failed)
    _reopen_half_sealed(directory)
    done = list(_salvaged(directory, now, urlkey or _urlkey()))
    _orphaned_journals(directory)
    return _summary(directory, done, now(), last)


def inspect(directory: Path, *, urlkey: Urlkey | None = None) -> Iterator[Inspected]:
    """Yield what `recover` would do to each segment left open. Changes nothing."""
    for warc in _abandoned(directory):
        try:
            plan = examine(warc, load(warc.with_name(warc.name.removesuffix(OPEN) + JOURNAL)), urlkey or _urlkey())
        except IntegrityError as error:
            yield Inspected(str(error), 0, readable=False)
        else:
            yield Inspected(f"{warc.name}: {_sentence(plan)}", len(plan.lost))


def unacknowledged(directory: Path) -> Iterator[Capture]:
    """Yield the captures that `recover` would find without a journal line, as their worker was killed. Changes nothing.

    Raises IntegrityError if the disk can't read a segment.
    """
    for warc in (*_abandoned(directory), *sorted((directory / "open").glob(f"*{FAILED}"))):
        lines = warc.with_name(warc.name.removesuffix(OPEN).removesuffix(FAILED) + JOURNAL)
        with suppress(FileNotFoundError):  # a worker has started since
            yield from examine(warc, load(lines), _urlkey()).again


def lost_in(directory: Path) -> tuple[Capture, ...]:
    """Return the missing acknowledged captures of a spool, by the lists in its quarantine that can be read."""
    lists = sorted((directory / "quarantine").glob(f"*{LOST}"))
    return tuple(capture for journal in _readable(lists) for capture in journal.captures)


def _sentence(plan: Plan) -> str:
    sentence = f"the next start keeps {len(plan.captures)} captures"
    if plan.again:
        sentence += f", {len(plan.again)} of them not acknowledged before"
    if plan.set_aside:
        count = sum(end - start for start, end in plan.set_aside)
        sentence += f"; it moves {count} torn or damaged bytes to quarantine"
    return f"{sentence}; {len(plan.lost)} acknowledged captures are lost" if plan.lost else sentence


def _salvaged(directory: Path, now: Callable[[], datetime], urlkey: Urlkey) -> Iterator[Salvaged]:
    for warc in _abandoned(directory):
        with _left_as_it_is():
            yield salvage(directory, warc, now=now, urlkey=urlkey)


@contextmanager
def _left_as_it_is() -> Iterator[None]:
    """Log that the disk can't read a file, and continue with the next one."""
    try:
        yield
    except IntegrityError as error:
        logger.error("a file of the spool is left out: %s", error)


def _urlkey() -> Urlkey:
    from archive.values.urlkey import urlkey

    return urlkey


def _make_room(directory: Path) -> None:
    """On a full disk, free the ballast for recovery; it is created again when there is space."""
    if shutil.disk_usage(directory).free < _LEAST_ROOM:
        (directory / "ballast").unlink(missing_ok=True)


def _delete_temporary(directory: Path) -> None:
    for name in DIRECTORIES:
        for unfinished in (directory / name).glob("*.tmp"):
            unfinished.unlink()


def _reopen_half_sealed(directory: Path) -> None:
    """Move both files back to `open` if a crash between the two renames of sealing or releasing separated them."""
    opened, sealed = directory / "open", directory / "sealed"
    for warc in sorted(sealed.glob(f"*{WARC}")):
        with _left_as_it_is():
            journal = load(journal_of(warc))
            if journal.closing is None or journal.torn:
                reopen(directory, warc, journal.heading.segment if journal.heading else _name_in(warc))
    for lines in sorted(sealed.glob(f"*{JOURNAL}")):
        if not lines.with_name(lines.name.removesuffix(JOURNAL) + WARC).exists():
            with _left_as_it_is():
                heading = load(lines).heading
                rename_missing(lines, opened / ((heading.segment if heading else lines.name) + JOURNAL))
    fsync_directory(sealed)
    fsync_directory(opened)


def _name_in(warc: Path) -> str:
    """Return the segment name in a WARC."""
    with suppress(DamagedRecord), reading(warc), warc.open("rb") as file, record_at(file) as first:
        if heading := heading_of(first):
            return heading.segment
    return warc.name.removesuffix(WARC)


def _abandoned(directory: Path) -> list[Path]:
    """Return the segments in `open` that no process is writing."""
    return [warc for warc in sorted((directory / "open").glob(f"*{OPEN}")) if not _is_written(warc)]


def _is_written(warc: Path) -> bool:
    """Return whether a process is writing the file. A file that can't be opened has no writer."""
    try:
        with warc.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _orphaned_journals(directory: Path) -> None:
    """Report journals without a WARC: the captures that they acknowledge are lost."""
    for journal in sorted((directory / "open").glob(f"*{JOURNAL}")):
        name = journal.name.removesuffix(JOURNAL)
        if not any(journal.with_name(name + suffix).exists() for suffix in (OPEN, FAILED)):
            with _left_as_it_is():
                if captures := load(journal).captures:
                    quarantine_lost(directory, name, captures)
                journal.unlink()
                fsync_directory(journal.parent)


def _summary(directory: Path, done: list[Salvaged], now: datetime, last: datetime | None) -> Recovered:
    moments = [last, *(one.sealed.last_at for one in done if one.sealed), *_newest_sealed(directory)]
    last_at = max((moment for moment in moments if moment), default=None)
    return Recovered(
        segments=tuple(one.sealed for one in done if one.sealed),
        quarantined=tuple(path for one in done for path in one.quarantined),
        lost=lost_in(directory),
        captures=tuple(capture for one in done for capture in one.again),
        last_at=last_at,
        clock_suspect=last_at is not None and now < last_at,
    )


def _newest_sealed(directory: Path) -> Iterator[datetime]:
    for journal in _readable(sorted((directory / "sealed").glob(f"*{JOURNAL}"))[-1:]):
        if journal.closing:
            yield journal.closing.sealed


def _readable(journals: Iterable[Path]) -> Iterator[Journal]:
    for path in journals:
        with _left_as_it_is():
            yield load(path)
