"""What is done with a spool before anything is written to it: every segment left open is made whole, and sealed.

Nothing here needs a decision, and every step can be cut short and taken again: a segment is only renamed, or replaced
by a whole file, what is taken out of it is in quarantine before that, and the journal is replaced whole. Recovery of a
recovered spool changes nothing. A segment that the disk does not give back is left as it is, and stops no other.
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
    """What recovery found and did."""

    segments: tuple[Sealed, ...]
    """Sealed now; those that were sealed before are not among them (`Spool.sealed` lists all)."""
    quarantined: tuple[Path, ...]
    """Files of bytes that were torn or damaged."""
    lost: tuple[Capture, ...]
    """Acknowledged and not there: an alarm. Read from quarantine, so it lasts until someone has looked and cleared."""
    captures: tuple[Capture, ...]
    """Whole on disk without a line in the journal: acknowledged only now."""
    last_at: datetime | None
    """The latest moment in what was found; `Spool.now.not_before` wants to know it."""
    clock_suspect: bool
    """The clock says an earlier time than what is kept."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What recovery would do to a segment that was left open."""

    sentence: str
    lost: int
    """Acknowledged captures that are damaged or missing."""
    readable: bool = True
    """Whether the disk gives the segment back."""


def recover(
    directory: Path, *, now: Callable[[], datetime], urlkey: Urlkey | None = None, last: datetime | None = None
) -> Recovered:
    """Recover the spool at `directory`, whose lock the caller holds. Segments that are being written are left alone.

    `last` is the latest capture that the index knows of. A segment that can't be read is left for the next time, with
    an error in the log that names its file. Raises OSError when the disk takes no writes.
    """
    for name in DIRECTORIES:
        (directory / name).mkdir(parents=True, exist_ok=True)
    _make_room(directory)
    _sweep(directory)
    for failed in sorted((directory / "open").glob(f"*{FAILED}")):
        with _left_as_it_is():
            rewritten(failed)
    _reopen_half_sealed(directory)
    done = list(_salvaged(directory, now, urlkey or _urlkey()))
    _orphaned_journals(directory)
    return _summary(directory, done, now(), last)


def inspect(directory: Path, *, urlkey: Urlkey | None = None) -> Iterator[Inspected]:
    """Tell what `recover` would do to each segment that was left open. Changes nothing."""
    for warc in _abandoned(directory):
        try:
            plan = examine(warc, load(warc.with_name(warc.name.removesuffix(OPEN) + JOURNAL)), urlkey or _urlkey())
        except IntegrityError as error:
            yield Inspected(str(error), 0, readable=False)
        else:
            yield Inspected(f"{warc.name}: {_told(plan)}", len(plan.lost))


def _told(plan: Plan) -> str:
    told = f"the next start keeps {len(plan.captures)} captures"
    if plan.again:
        told += f", {len(plan.again)} of them not acknowledged before"
    if plan.set_aside:
        count = sum(end - start for start, end in plan.set_aside)
        told += f"; it moves {count} torn or damaged bytes to quarantine"
    return f"{told}; {len(plan.lost)} acknowledged captures are lost" if plan.lost else told


def _salvaged(directory: Path, now: Callable[[], datetime], urlkey: Urlkey) -> Iterator[Salvaged]:
    for warc in _abandoned(directory):
        with _left_as_it_is():
            yield salvage(directory, warc, now=now, urlkey=urlkey)


@contextmanager
def _left_as_it_is() -> Iterator[None]:
    """Log that the disk does not give a file back, and go on with the next one."""
    try:
        yield
    except IntegrityError as error:
        logger.error("a file of the spool is left out: %s", error)


def _urlkey() -> Urlkey:
    from archive.values.urlkey import urlkey

    return urlkey


def _make_room(directory: Path) -> None:
    """On a full disk recovery gets the ballast; it is taken again when there is room."""
    if shutil.disk_usage(directory).free < _LEAST_ROOM:
        (directory / "ballast").unlink(missing_ok=True)


def _sweep(directory: Path) -> None:
    for name in DIRECTORIES:
        for unfinished in (directory / name).glob("*.tmp"):
            unfinished.unlink()


def _reopen_half_sealed(directory: Path) -> None:
    """A crash between the two renames of sealing, or of releasing, left one of the pair: take both back to `open`."""
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
    """The segment that a WARC says it is."""
    with suppress(DamagedRecord), reading(warc), warc.open("rb") as file, record_at(file) as first:
        if heading := heading_of(first):
            return heading.segment
    return warc.name.removesuffix(WARC)


def _abandoned(directory: Path) -> list[Path]:
    """The segments in `open` that no one is writing."""
    return [warc for warc in sorted((directory / "open").glob(f"*{OPEN}")) if not _is_written(warc)]


def _is_written(warc: Path) -> bool:
    """Whether a process holds it. What can't be opened is held by none that writes."""
    try:
        with warc.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _orphaned_journals(directory: Path) -> None:
    """A journal whose WARC is nowhere: what it acknowledged is lost."""
    for journal in sorted((directory / "open").glob(f"*{JOURNAL}")):
        name = journal.name.removesuffix(JOURNAL)
        if not any(journal.with_name(name + suffix).exists() for suffix in (OPEN, FAILED)):
            with _left_as_it_is():
                if captures := load(journal).captures:
                    quarantine_lost(directory, name, captures)
                journal.unlink()
                fsync_directory(journal.parent)


def _summary(directory: Path, done: list[Salvaged], now: datetime, last: datetime | None) -> Recovered:
    quarantined = sorted((directory / "quarantine").glob(f"*{LOST}"))
    moments = [last, *(one.sealed.last_at for one in done if one.sealed), *_newest_sealed(directory)]
    last_at = max((moment for moment in moments if moment), default=None)
    return Recovered(
        segments=tuple(one.sealed for one in done if one.sealed),
        quarantined=tuple(path for one in done for path in one.quarantined),
        lost=tuple(capture for journal in _readable(quarantined) for capture in journal.captures),
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
