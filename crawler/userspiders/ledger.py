"""The ledger of a run of a user's spider: its requests, items and cookies, in one SQLite file.

The result of a request (the requests and items that its callback yields) is one transaction with its end, so a kill at
any moment loses no page and yields no item twice: an unfinished request is made again.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.values.atomic_files import fsync_directory
from crawler.frontier.failures import FrontierUnwritable, unwritable

RECORDS = "pressmark_records"
"""In request.meta: the ids of the WARC records of its answer."""
COUNTED = "pressmark_counted"
"""In request.meta: what its answer counts in the run, by the names of `KEPT`."""
KEPT = ("pages", "new")
"""The worker's counts that are saved with the end of a request, so that a kill neither loses nor doubles any."""

_TABLES = """
CREATE TABLE IF NOT EXISTS requests (id INTEGER PRIMARY KEY, priority INTEGER NOT NULL, turn INTEGER NOT NULL,
    state INTEGER NOT NULL, request BLOB);
CREATE INDEX IF NOT EXISTS requests_turn ON requests (state, priority, turn);
CREATE TABLE IF NOT EXISTS seen (fingerprint BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS started (digest BLOB PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, item TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""
_NEXT = "SELECT id, priority, turn, request FROM requests WHERE state = 0 ORDER BY priority DESC, turn DESC LIMIT 1"


@dataclass(slots=True)
class Planned:
    """A request to be saved. The highest priority goes first, and within it the highest turn."""

    id: int
    priority: int
    turn: int
    request: bytes | None
    """Serialised; None if it can't be serialised: it is lost at a kill."""
    fingerprint: bytes | None = None


@dataclass(slots=True)
class PendingOutput:
    """What a request has yielded so far; saved once the request is over."""

    requests: list[Planned] = field(default_factory=list)
    items: list[str] = field(default_factory=list)


class Ledger:
    """The file of one run. Used by one thread of one process, which alone has it open."""

    def __init__(self, path: Path) -> None:
        """Open or create the file; requests in progress at a kill wait again. Raises sqlite3.Error."""
        self.path = path
        self.refused: Callable[[FrontierUnwritable], None] = lambda error: None
        """Called when the file can't be written: what is done from then on is not saved."""
        self._db = _connected(path, isolation_level=None, timeout=30)
        self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {_TABLES}")
        self.lost = self._db.execute("DELETE FROM requests WHERE request IS NULL").rowcount
        """Requests that could not be serialised and are lost."""
        self._db.execute("UPDATE requests SET state = 0 WHERE state = 1")
        self.tally: Counter[str] = Counter(dict(self._db.execute("SELECT name, value FROM tally")))
        self.tally["lost"] += self.lost
        self.waiting: int = self._db.execute("SELECT count(*) FROM requests").fetchone()[0]
        self.last: int = max(self._db.execute("SELECT max(id) FROM requests").fetchone()[0] or 0, self.tally["last"])
        self._started: Counter[bytes] = Counter(dict(self._db.execute("SELECT digest, times FROM started")))
        self.notes: dict[str, bytes] = dict(self._db.execute("SELECT name, value FROM notes"))

    def seen(self, fingerprint: bytes) -> bool:
        found = self._db.execute("SELECT 1 FROM seen WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return found is not None

    def had_started(self, digest: bytes) -> bool:
        """Return whether an earlier process of the run had this request of `start` already.

        Each occurrence counts once.
        """
        if self._started[digest] <= 0:
            return False
        self._started[digest] -= 1
        return True

    def count_from(self, counted: Mapping[str, int]) -> None:
        """Save the counts of earlier processes of the run, unless the file has its own. Raises sqlite3.Error."""
        missing = {f"kept:{name}": counted.get(name, 0) for name in KEPT if f"kept:{name}" not in self.tally}
        if missing:
            self.tally.update(missing)
            self.write(PendingOutput())

    def count(self, counted: Mapping[str, int]) -> None:
        """Count an answer; saved with the end of its request."""
        for name in KEPT:
            self.tally[f"kept:{name}"] += counted.get(name, 0)

    def write(self, held: PendingOutput, *, started: bytes | None = None, over: int | None = None) -> None:
        """Save in one transaction what a request yielded, or `start`, and the end of that request."""
        if over is not None:
            self.tally["over"] += 1
        self.tally["items"] += len(held.items)
        self.tally["last"] = self.last
        with self._reporting_refusal(), self._transaction():
            rows = [(one.id, one.priority, one.turn, one.request) for one in held.requests]
            self._db.executemany("INSERT INTO requests VALUES (?, ?, ?, 0, ?)", rows)
            prints = [(one.fingerprint,) for one in held.requests if one.fingerprint]
            self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?)", prints)
            self._db.executemany("INSERT INTO items (item) VALUES (?)", [(item,) for item in held.items])
            if started is not None:
                self._db.execute(
                    "INSERT INTO started VALUES (?, 1) ON CONFLICT (digest) DO UPDATE SET times = times + 1", (started,)
                )
            if over is not None:
                self._db.execute("DELETE FROM requests WHERE id = ?", (over,))
            self._db.executemany("INSERT OR REPLACE INTO tally VALUES (?, ?)", self.tally.items())
        self.waiting += len(held.requests)

    def note(self, name: str, value: bytes) -> None:
        """Save something of the run: cookies, the state of the spider."""
        if self.notes.get(name) != value:
            self.notes[name] = value
            with self._reporting_refusal():
                self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def lease(self) -> Planned | None:
        """Lease the next waiting request."""
        if not self.waiting or (row := self._db.execute(_NEXT).fetchone()) is None:
            return None
        with self._reporting_refusal():
            self._db.execute("UPDATE requests SET state = 1 WHERE id = ?", (row[0],))
        self.waiting -= 1
        return Planned(*row)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _reporting_refusal(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            self.refused(unwritable(self.path, error))
            raise

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._db.rollback()
            raise


def _connected(path: Path, **how: Any) -> sqlite3.Connection:
    """Open a ledger. The spider's process can write the file: its schema calls no function that reads anything else."""
    db: sqlite3.Connection = sqlite3.connect(path, **how)
    db.execute("PRAGMA trusted_schema = OFF")
    return db


def read_tally(path: Path) -> Counter[str]:
    """Read the counts of a run whose process is gone; empty if it wrote none."""
    if not path.exists():
        return Counter()
    with closing(_connected(path)) as db:
        try:
            return Counter(dict(db.execute("SELECT name, value FROM tally")))
        except sqlite3.DatabaseError:
            return Counter()


def read_kept(path: Path) -> dict[str, int]:
    """Read the counts of the requests that are over: an unfinished one is made, and counted, again."""
    tally = read_tally(path)
    return {name: tally[f"kept:{name}"] for name in KEPT if f"kept:{name}" in tally}


def read_items(path: Path) -> Iterator[str]:
    """Read the items of a run whose process is gone, one JSON object each, in the order of saving."""
    if not path.exists():
        return
    with closing(_connected(path)) as db:
        for (item,) in db.execute("SELECT item FROM items ORDER BY id"):
            yield item


def copy_items(path: Path, to: Path) -> None:
    """Write the items of a run whose process is gone into a file, one per line; it survives a power cut after that."""
    to.parent.mkdir(parents=True, exist_ok=True)
    half = to.with_suffix(".part")
    with half.open("w", encoding="utf-8", errors="backslashreplace") as written:
        written.writelines(f"{item}\n" for item in read_items(path))
        written.flush()
        os.fsync(written.fileno())
    half.replace(to)
    for directory in (to.parent, to.parent.parent):  # the parent may be new as well
        fsync_directory(directory)


def directory_of(frontier: Path) -> Path:
    """Return the directory that a run's spider may write to: it has the ledger, and is the spider's TMPDIR."""
    return frontier.with_suffix(".spider")


def ledger_in(directory: Path) -> Path:
    return directory / "ledger.db"


def prepare(directory: Path, *, former: Path) -> None:
    """Create the directory. A ledger that an earlier version wrote at `former` moves into it.

    Raises FrontierUnwritable.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if former.exists() and not ledger_in(directory).exists():
            with closing(_connected(former)) as db:  # the last to close it writes its log into it
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            former.replace(ledger_in(directory))
    except (OSError, sqlite3.OperationalError) as error:
        raise unwritable(ledger_in(directory), error) from error


def delete(directory: Path) -> None:
    """Delete the files of a run that is over."""
    shutil.rmtree(directory, ignore_errors=True)
