"""What is done with a spool before anything is written to it: every segment left open is made whole, and sealed.

Nothing here needs a decision, and every step can be cut short and taken again: the octets that are kept are only
renamed, what is cut off is in quarantine before it is cut, and the journal is replaced whole. Recovery of a recovered
spool changes nothing.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.capture import Capture
from archive.errors import DamagedRecord
from archive.facts import Urlkey
from archive.files import fsync_directory
from archive.journal import SUFFIX as JOURNAL
from archive.journal import load
from archive.open_segment import FAILED, OPEN
from archive.record import record_at
from archive.salvage import LOST, Salvaged, examine, heading_of, quarantine_lost, rewritten, salvage
from archive.sealed import WARC, Sealed, journal_of
from archive.spool import DIRECTORIES

_LEAST_ROOM = 96 << 20


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery found and did."""

    segments: tuple[Sealed, ...]
    """Sealed now; those that were sealed before are not among them (`Spool.sealed` lists all)."""
    tails: tuple[Path, ...]
    """In quarantine: octets after the last whole record."""
    lost: tuple[Capture, ...]
    """Acknowledged and not there: an alarm. Read from quarantine, so it lasts until someone has looked and cleared."""
    captures: tuple[Capture, ...]
    """Whole on disk without a line in the journal: acknowledged only now."""
    last_at: datetime | None
    """The latest moment in what was found; `Spool.now.not_before` wants to know it."""
    clock_suspect: bool
    """The clock says an earlier time than what is kept."""


def recover(
    directory: Path, *, now: Callable[[], datetime], urlkey: Urlkey | None = None, last: datetime | None = None
) -> Recovered:
    """Recover the spool at `directory`, whose lock the caller holds. Segments that are being written are left alone.

    `last` is the latest capture that the index knows of. Raises OSError when the disk gives up.
    """
    for name in DIRECTORIES:
        (directory / name).mkdir(parents=True, exist_ok=True)
    _make_room(directory)
    _sweep(directory)
    for failed in sorted((directory / "open").glob(f"*{FAILED}")):
        rewritten(failed)
    _reopen_half_sealed(directory)
    done = [salvage(directory, warc, now=now, urlkey=urlkey or _urlkey()) for warc in _abandoned(directory)]
    _orphaned_journals(directory)
    return _summary(directory, done, now(), last)


def inspect(directory: Path, *, urlkey: Urlkey | None = None) -> Iterator[str]:
    """What `recover` would do to segments left open, a sentence each. Changes nothing."""
    for warc in _abandoned(directory):
        plan = examine(warc, load(warc.with_name(warc.name.removesuffix(OPEN) + JOURNAL)), urlkey or _urlkey())
        yield (
            f"{warc.name}: {len(plan.captures)} captures are whole, {len(plan.again)} of them without a journal line;"
            f" {plan.size - plan.good} octets would go to quarantine, {len(plan.lost)} acknowledged captures are lost"
        )


def _urlkey() -> Urlkey:
    from archive.urlkey import urlkey

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
        if load(journal_of(warc)).closing is None:
            name = _name_in(warc)
            _rename_missing(journal_of(warc), opened / (name + JOURNAL))
            _rename_missing(warc, opened / (name + OPEN))
    for journal in sorted(sealed.glob(f"*{JOURNAL}")):
        if not journal.with_name(journal.name.removesuffix(JOURNAL) + WARC).exists():
            heading = load(journal).heading
            _rename_missing(journal, opened / ((heading.segment if heading else journal.name) + JOURNAL))
    fsync_directory(sealed)
    fsync_directory(opened)


def _name_in(warc: Path) -> str:
    """The segment that a WARC says it is."""
    with suppress(DamagedRecord), warc.open("rb") as file, record_at(file) as first:
        if heading := heading_of(first):
            return heading.segment
    return warc.name.removesuffix(WARC)


def _rename_missing(old: Path, new: Path) -> None:
    if old.exists() and not new.exists():
        old.rename(new)


def _abandoned(directory: Path) -> list[Path]:
    """The segments in `open` that no one is writing."""
    return [warc for warc in sorted((directory / "open").glob(f"*{OPEN}")) if not _is_written(warc)]


def _is_written(warc: Path) -> bool:
    with warc.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _orphaned_journals(directory: Path) -> None:
    """A journal whose WARC is nowhere: what it acknowledged is lost."""
    for journal in sorted((directory / "open").glob(f"*{JOURNAL}")):
        name = journal.name.removesuffix(JOURNAL)
        if not journal.with_name(name + OPEN).exists():
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
        tails=tuple(one.tail for one in done if one.tail),
        lost=tuple(capture for file in quarantined for capture in load(file).captures),
        captures=tuple(capture for one in done for capture in one.again),
        last_at=last_at,
        clock_suspect=last_at is not None and now < last_at,
    )


def _newest_sealed(directory: Path) -> Iterator[datetime]:
    for journal in sorted((directory / "sealed").glob(f"*{JOURNAL}"))[-1:]:
        closing = load(journal).closing
        if closing:
            yield closing.sealed
