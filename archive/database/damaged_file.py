"""Detect a damaged SQLite file and set it aside. It is never deleted.

A process that finds damage creates a mark beside the file, ``pressmark.db.suspect``. Other processes that have the
database open notice it and end. The next start then checks the whole file, without a time limit.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BESIDE = ("-wal", "-shm")
_ASIDE = ".damaged-"
_MAGIC, _CHANGES = b"SQLite format 3\0", slice(24, 28)
"""Magic bytes of an SQLite file, and the offset of its change counter: https://www.sqlite.org/fileformat.html, 1.3."""
_LOOK_AFTER = 1000
"""Instructions of SQLite's virtual machine between two checks of the time."""


def is_damage(error: BaseException) -> bool:
    """Return whether an error of SQLite means that the file is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def damage(file: Path, *, within: float | None = None) -> str | None:
    """Check an SQLite file, and return why it is damaged; None if it is not, or if it does not exist.

    With `within`, check the structure of the pages (``PRAGMA quick_check``) for at most that many seconds; unchecked
    pages count as intact. Without it, check everything, including indexes and search.
    """
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            _stop_after(connection, within)
            pragma = "integrity_check" if within is None else "quick_check"
            [found] = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    except sqlite3.Error as error:  # errors other than damage: interrupted, locked, no permission
        return str(error) if is_damage(error) else None
    return None if found == "ok" else " ".join(found.split())


def _stop_after(connection: sqlite3.Connection, seconds: float | None) -> None:
    if seconds is not None:
        until = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > until, _LOOK_AFTER)


def suspect(file: Path) -> None:
    """Mark a file as possibly damaged."""
    with suppress(OSError):  # the error itself is reported; then only the mark is missing
        _mark(file).touch()


def is_suspect(file: Path) -> bool:
    return _mark(file).exists()


def clear(file: Path) -> None:
    """Remove the mark: the file was checked and is intact, or was replaced."""
    _mark(file).unlink(missing_ok=True)


def set_aside(file: Path, at: datetime) -> Path:
    """Rename a database with SQLite's files beside it, and return its new path. Raises OSError.

    The log is renamed first, and again at the end: SQLite would use a log left behind for the next file.
    """
    aside = _free(file.with_name(f"{file.name}{_ASIDE}{at.astimezone(UTC):%Y%m%dT%H%MZ}"))
    _move_beside(file, aside)
    file.rename(aside)
    _move_beside(file, aside)
    clear(file)
    return aside


def aside_of(file: Path) -> list[Path]:
    """Return the databases that were set aside, oldest first."""
    found = file.parent.glob(f"{file.name}{_ASIDE}*")
    return sorted(one for one in found if not one.name.endswith(_BESIDE))


def _move_beside(file: Path, aside: Path) -> None:
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{file}{ending}").rename(_free(Path(f"{aside}{ending}")))


def _free(path: Path) -> Path:
    """Return a free path: this one, or the first free one with a number. Nothing is overwritten."""
    numbered = (path if number == 1 else path.with_name(f"{path.name}-{number}") for number in range(1, 10_000))
    return next(one for one in numbered if not one.exists())


def _mark(file: Path) -> Path:
    return file.with_name(f"{file.name}.suspect")


class OpenedFile:
    """The file that a process has opened as its database, to distinguish it from another file of the same name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._log = Path(f"{file}-wal")
        self._identity, self._log_identity = _identity(file), _identity(self._log)
        self._changes: _ChangeCounter | None = None

    def trouble(self) -> str | None:
        """Return why the database must be reopened, as a sentence; None if all is well."""
        found = _identity(self._file)
        if found is None:
            return f"the database file {self._file} is missing"
        if found != self._identity:
            self._leave_log()
            return f"the database file {self._file} was replaced"
        if self._file.stat().st_size == 0:
            return f"the database file {self._file} was emptied"
        if self._is_older():
            suspect(self._file)  # closing may write our log into it: the next start checks all of it
            return f"an older copy was written over the database file {self._file}"
        if is_suspect(self._file):
            return f"damage was found in the database {self._file}"
        self._log_identity = _identity(self._log)
        return None

    def _is_older(self) -> bool:
        """Return whether the change counter went back. It grows with each change of size; the first call stores it."""
        if self._changes is None:
            with suppress(OSError):  # no file descriptor is free: the next call stores it
                self._changes = _ChangeCounter(self._file)
        return self._changes is not None and self._changes.is_lower()

    def _leave_log(self) -> None:
        """Move the log of the previous file out of the way: SQLite would use it for the new one."""
        if self._log_identity and _identity(self._log) == self._log_identity:
            with suppress(FileNotFoundError):  # another process did it first
                _move_beside(self._file, self._file.with_name(f"{self._file.name}.replaced"))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 -- both facts of one look
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class _ChangeCounter:
    """The change counter of an SQLite file, read from its head.

    The file is opened once and never closed: closing it would drop every lock that this process holds on it, including
    SQLite's (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)
        self._highest = self._read()

    def is_lower(self) -> bool:
        """Return whether the counter went back; False for a file without one."""
        before, self._highest = self._highest, max(self._highest, found := self._read())
        return 0 < found < before

    def _read(self) -> int:
        head = os.pread(self._descriptor, _CHANGES.stop, 0)
        return int.from_bytes(head[_CHANGES], "big") if head.startswith(_MAGIC) else 0
