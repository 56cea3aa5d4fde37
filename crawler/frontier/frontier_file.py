"""The file of a frontier: its tables, transactions, counts, and queries that take long."""

from __future__ import annotations

import asyncio
import glob
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from archive.values.atomic_files import write_whole
from crawler.frontier import statements as sql
from crawler.frontier.failures import FrontierUnwritable, unwritable

_log = logging.getLogger(__name__)
T = TypeVar("T")

_CACHE_KIB = 8_192


@cache
def _empty() -> bytes:
    """Return the content of a frontier without URLs, in the mode that writes to a log.

    SQLite would make the same in three transactions, each with its syncs. Bytes 18 and 19 are the versions for
    writing and reading: 2 means a log (https://www.sqlite.org/fileformat2.html, 1.3.3).
    """
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(sql.TABLES + sql.TWINS)
        content = database.serialize()
    return content[:18] + b"\2\2" + content[20:]


class FrontierFile:
    """An SQLite file with the tables of a frontier, used by one thread at a time of one process."""

    def __init__(self, path: Path) -> None:
        """Open or create the file: the disk syncs it, so an event loop calls this in a thread.

        Raises sqlite3.DatabaseError for a damaged file, or for another kind of file; FrontierUnwritable.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        if not path.exists():
            self._create()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._read()
        except BaseException:
            self._db.close()
            raise

    def _read(self) -> None:
        self._db.executescript(
            f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -{_CACHE_KIB};"
        )
        self._db.executescript(f"BEGIN; {sql.TABLES} COMMIT;")
        self._grow()
        self._db.execute("PRAGMA user_version = 1")  # makes the log: its first write is synced
        self.tally: Counter[str] = Counter(dict(self._db.execute("SELECT name, value FROM tally")))
        """Counts of the run that outlive the process. They are written with every transaction that changes them."""
        self._written = self.tally.copy()
        self.problem: FrontierUnwritable | None = None
        """Why the last transaction failed; None when it did not."""

    def close(self) -> None:
        """Close the file. Leases without a result return when it is opened again; counts that the disk refuses are
        lost.
        """
        try:
            with self._counted():
                pass
        except sqlite3.OperationalError as error:
            _log.warning("%s", unwritable(self.path, error))
        finally:
            self._db.close()

    def discard(self) -> None:
        """Delete the file and close it. SQLite syncs nothing for a file without a name."""
        self._unlink()
        self._db.close()

    def _unlink(self) -> None:
        for suffix in ("", "-wal", "-shm", "-styles", "-import-maps"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def _create(self) -> None:
        """Write the file without URLs. What kills left is deleted: a log, and unfinished files."""
        try:
            self._unlink()
            for unfinished in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.tmp"):
                unfinished.unlink(missing_ok=True)
            write_whole(self.path, _empty())
        except OSError as error:
            raise unwritable(self.path, error) from error

    async def _in_thread(self, make: Callable[[tuple[Any, ...]], T], statement: str, *parameters: int) -> list[T]:
        """Run a slow query in a thread with its own connection, so that the event loop can serve other runs."""

        def find() -> list[T]:
            with closing(sqlite3.connect(self.path)) as db:
                return list(map(make, db.execute(statement, parameters)))

        return await asyncio.to_thread(find)

    def _grow(self) -> None:
        """Add new columns to the file of an interrupted run of an earlier version."""
        there = {name for _, name, *_ in self._db.execute("PRAGMA table_info(urls)")}
        for name, kind in (("same", "BLOB"), ("mark", "TEXT"), ("leads_to", "BLOB")):
            if name not in there:
                self._db.execute(f"ALTER TABLE urls ADD COLUMN {name} {kind}")
        self._db.executescript(sql.TWINS)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Run a transaction; what was counted in it is added once the transaction is committed."""
        tally, written = self.tally.copy(), self._written
        with self._transaction():
            yield
            self._db.executemany(sql.COUNT, tally.items() - written.items())
            self._db.executemany("DELETE FROM tally WHERE name = ?", [(n,) for n in written.keys() - tally.keys()])
        self._written = tally

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException as error:
            if isinstance(error, sqlite3.OperationalError):
                self.problem = unwritable(self.path, error)
            self._db.rollback()  # SQLite may have rolled back by itself: then there is nothing to do
            raise
        self.problem = None
