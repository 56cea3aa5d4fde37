"""Write an export to a file: atomically, verified, and resumed after an interruption.

The unfinished file is beside its target with the plan of the export, in a directory ``.NAME.exporting``. If the same
export is requested again, a resumable format continues after the last item on disk; any other starts over.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from archive.export.exports import Exports
from archive.export.plan import Item, Plan, Totals
from archive.values.atomic_files import fsync_directory
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import ExportDamaged, ExportUnderWay, Finding
from archive.values.os_errors import is_full

if TYPE_CHECKING:
    from archive.export.protocol import Exporter
    from archive.index.selection import Selection

_NOTE_EVERY = 8 << 20
"""Bytes between two records of progress: each costs an fsync."""
_PIECE = 1 << 20
"""SQLite reports the second one if there is no space for its files beside an open database."""

Progress = Callable[[int, int], None]
"""Called with the number of finished items, and of all items."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written and verified."""

    path: Path
    form: str
    size: int
    sha256: Sha256
    totals: Totals
    resumed: bool
    """Whether the part that a killed export had written was used."""
    left_out: tuple[Finding, ...]
    """Captures with damaged or missing records, which are not in the file."""


def export_to(
    exports: Exports,
    exporter: Exporter,
    selection: Selection,
    target: Path,
    *,
    now: datetime,
    progress: Progress = lambda _done, _total: None,
) -> Exported:
    """Write an export to `target`, which is replaced when the new file is complete and verified.

    Raises ExportDamaged if the file on disk differs from what was written, ExportUnderWay, StoreError, MissingExtra
    and OSError.
    """
    with workplace(target) as directory, naming_full_disk(target):
        writing = _PartialFile(exports, exporter, selection, directory / target.name, progress)
        with _plan(exports, exporter, selection, directory, now) as plan:
            exported = writing.write(plan)
        path = directory / target.name
        if findings := list(verified(exporter, path, exported.sha256)):
            raise ExportDamaged(target, findings)
        path.replace(target)
        fsync_directory(target.parent)
        return replace(exported, path=target)


def verified(exporter: Exporter, path: Path, sha256: Sha256) -> Iterator[Finding]:
    """Yield everything wrong with a file on disk, by its digest and by the rules of its format."""
    with path.open("rb") as file:
        if (found := sha256_file(file)) != sha256:
            yield Finding(path.name, None, "object-digest", f"the file's SHA-256 is {found}, not {sha256}")
    yield from exporter.verify(path)


def workplace_of(target: Path) -> Path:
    """Return the directory beside a target that has the unfinished file and the plan of its export."""
    return target.with_name(f".{target.name}.exporting")


def remove_unfinished(directory: Path) -> None:
    """Remove the directory of an export that nobody continued. Raises OSError, also while a process exports there."""
    with _locked(directory):
        shutil.rmtree(directory)


@contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """Lock a directory beside the target, and remove it on success. Raises FileNotFoundError, ExportUnderWay."""
    directory = workplace_of(target)
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))
    directory.mkdir(exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(_locked(directory))
        except BlockingIOError:
            raise ExportUnderWay(target) from None
        yield directory
        shutil.rmtree(directory)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Lock a directory until the end of the block. Raises BlockingIOError if another process has it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _plan(exports: Exports, exporter: Exporter, selection: Selection, directory: Path, now: datetime) -> Iterator[Plan]:
    """Return the plan of an interrupted export if it is the same and resumable; otherwise a new one."""
    path = directory / "plan.db"
    if not (exporter.resumable and _is_of(path, selection, exporter.name)):
        for file in directory.iterdir():
            file.unlink()
        with Plan(path) as plan:
            exports.make_plan(plan, selection, exporter.name, now)
    with Plan(path) as plan:
        yield plan


def _is_of(path: Path, selection: Selection, form: str) -> bool:
    """Return whether a complete plan of such an export exists."""
    try:
        with Plan(path) as plan:
            return plan.is_of(selection, form)
    except sqlite3.DatabaseError as error:  # a power cut while it was created
        if _is_full(error):
            raise
        return False


@contextmanager
def naming_full_disk(target: Path) -> Iterator[None]:
    """Name the full disk in errors: neither SQLite nor a write to an open file does."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if _is_full(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        raise


def _is_full(error: OSError | sqlite3.Error) -> bool:
    """Return whether an error means a full disk, and names no file."""
    return is_full(error) and getattr(error, "filename", None) is None


class _PartialFile:
    """The partial file of an export."""

    def __init__(
        self, exports: Exports, exporter: Exporter, selection: Selection, path: Path, progress: Progress
    ) -> None:
        self._exports, self._exporter, self._selection = exports, exporter, selection
        self._path, self._progress = path, progress
        self._noted = 0

    def write(self, plan: Plan) -> Exported:
        after, position = plan.progress
        with self._path.open("ab+") as file:
            if file.seek(0, os.SEEK_END) < position:
                after, position = 0, 0
            file.truncate(position)
            self._noted, whole = position, _digest_of(file)
            total = plan.size

            def done(item: Item) -> None:
                if self._exporter.resumable and file.tell() - self._noted >= _NOTE_EVERY:
                    self._note(plan, file, item)
                self._progress(item.number, total)

            job = self._exports.job(plan, after=after, left_out=lambda _item, _error: None, done=done)
            for piece in self._exporter.pieces(job):
                file.write(piece)
                whole.update(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        return Exported(
            path=self._path,
            form=self._exporter.name,
            size=size,
            sha256=Sha256(whole.hexdigest()),
            totals=plan.totals,
            resumed=position > 0,
            left_out=tuple(
                Finding(f"{item.capture.location.segment}.warc.gz", item.capture.location.offset, "left-out", why)
                for item, why in plan.left_out()
            ),
        )

    def _note(self, plan: Plan, file: BinaryIO, item: Item) -> None:
        file.flush()
        os.fsync(file.fileno())
        self._noted = file.tell()
        plan.reached(item.number, self._noted)


def _digest_of(file: BinaryIO) -> hashlib._Hash:
    """Return the digest of what an interrupted export has written."""
    whole = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        whole.update(piece)
    return whole
