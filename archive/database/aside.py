"""A damaged SQLite file: how it is found, and how it is set aside. It is never deleted.

Whoever meets damage leaves a mark beside the file, ``pressmark.db.suspect``. A process that has the database open sees
it and ends; the next start then checks the whole file, without a limit of time.
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
"""How an SQLite file begins, and where its change counter is: https://www.sqlite.org/fileformat.html, 1.3."""
_LOOK_AFTER = 1000
"""Instructions of SQLite's virtual machine between two looks at the time."""


def is_damage(error: BaseException) -> bool:
    """Whether an error of SQLite says that the file is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def damage(file: Path, *, within: float | None = None) -> str | None:
    """Check an SQLite file, and return why it is damaged; None when it is not, or when there is no file.

    With `within`, the structure of the pages is checked (``PRAGMA quick_check``) for at most so many seconds, and what
    was not reached by then counts as whole. Without it, everything is checked, indexes and search included.
    """
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            _stop_after(connection, within)
            pragma = "integrity_check" if within is None else "quick_check"
            [found] = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    except sqlite3.Error as error:  # of those that tell of no damage: interrupted, locked, no right to it
        return str(error) if is_damage(error) else None
    return None if found == "ok" else " ".join(found.split())


def _stop_after(connection: sqlite3.Connection, seconds: float | None) -> None:
    if seconds is not None:
        until = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > until, _LOOK_AFTER)


def suspect(file: Path) -> None:
    """Mark a file as one that damage was met in."""
    with suppress(OSError):  # the error itself is told; only the mark is missing then
        _mark(file).touch()


def is_suspect(file: Path) -> bool:
    return _mark(file).exists()


def clear(file: Path) -> None:
    """Take the mark away: the file was checked and is whole, or another one is in its place."""
    _mark(file).unlink(missing_ok=True)


def set_aside(file: Path, at: datetime) -> Path:
    """Rename a database and what SQLite keeps beside it; the new path of the database. Raises OSError.

    The log goes first, and once more at the end: a log that is left behind would be taken for that of the next file.
    """
    aside = _free(file.with_name(f"{file.name}{_ASIDE}{at.astimezone(UTC):%Y%m%dT%H%MZ}"))
    _move_beside(file, aside)
    file.rename(aside)
    _move_beside(file, aside)
    clear(file)
    return aside


def aside_of(file: Path) -> list[Path]:
    """Return the databases that were set aside, the oldest first."""
    found = file.parent.glob(f"{file.name}{_ASIDE}*")
    return sorted(one for one in found if not one.name.endswith(_BESIDE))


def _move_beside(file: Path, aside: Path) -> None:
    for ending in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{file}{ending}").rename(_free(Path(f"{aside}{ending}")))


def _free(path: Path) -> Path:
    """That path, or the first with a number that is free: nothing is overwritten."""
    numbered = (path if number == 1 else path.with_name(f"{path.name}-{number}") for number in range(1, 10_000))
    return next(one for one in numbered if not one.exists())


def _mark(file: Path) -> Path:
    return file.with_name(f"{file.name}.suspect")


class OpenedFile:
    """The file that a process has opened as its database, to be told from another one under the same name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._log = Path(f"{file}-wal")
        self._identity, self._log_identity = _identity(file), _identity(self._log)
        self._changes: _ChangeCounter | None = None

    def trouble(self) -> str | None:
        """Return why the database must be reopened, as a sentence; None when all is well."""
        found = _identity(self._file)
        if found is None:
            return f"the database file {self._file} is missing"
        if found != self._identity:
            self._leave_log()
            return f"the database file {self._file} was replaced"
        if self._file.stat().st_size == 0:
            return f"the database file {self._file} was emptied"
        if self._is_older():
            suspect(self._file)  # our log may go into it when we close it: the next start checks all of it
            return f"an older copy was written over the database file {self._file}"
        if is_suspect(self._file):
            return f"damage was found in the database {self._file}"
        self._log_identity = _identity(self._log)
        return None

    def _is_older(self) -> bool:
        """Check the change counter, which grows whenever the database grows or shrinks. The first call remembers it."""
        if self._changes is None:
            with suppress(OSError):  # no descriptor is left: it is remembered the next time
                self._changes = _ChangeCounter(self._file)
        return self._changes is not None and self._changes.is_lower()

    def _leave_log(self) -> None:
        """Move the log of the file that was there out of the way: SQLite would take it for that of the new one."""
        if self._log_identity and _identity(self._log) == self._log_identity:
            with suppress(FileNotFoundError):  # another process was faster
                _move_beside(self._file, self._file.with_name(f"{self._file.name}.replaced"))


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 -- both facts of one look
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class _ChangeCounter:
    """The change counter of an SQLite file, read from its head.

    The file is opened once and never closed: closing it would drop every lock that this process has on it, those of
    SQLite among them (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDONLY)
        self._highest = self._read()

    def is_lower(self) -> bool:
        """Check whether the counter went back; a file that has none now is another matter."""
        before, self._highest = self._highest, max(self._highest, found := self._read())
        return 0 < found < before

    def _read(self) -> int:
        head = os.pread(self._descriptor, _CHANGES.stop, 0)
        return int.from_bytes(head[_CHANGES], "big") if head.startswith(_MAGIC) else 0
