"""What a purge has put of a rewritten segment before its manifest: deleted if the purge was interrupted.

A mark for each former manifest names the objects and the state. Each step changes the mark first, and ends if another
process has changed it: a purge that lost its lock can't put its manifest once another process has begun to delete these
objects, and nobody deletes them while the manifest may be about to come.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from archive.database.engine import Database
from archive.database.marks import Marks
from archive.database.statements import clock_of
from archive.index.index import Index
from archive.index.purges.locks import changing_segments
from archive.index.purges.purged_marks import BEGUN, unpurged
from archive.shipping.purge_chains import successor_key
from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.errors import DatabaseUnusable, PurgeUnderWay
from archive.warc.manifest import Manifest

GRACE = timedelta(hours=1)
"""How long a manifest may be about to come, with PostgreSQL: its locks end with a connection, and not with the process.
The locks of SQLite end with the process, and so does that of a file in the home of the purge.
"""


@dataclass(frozen=True, slots=True)
class _Mark:
    keys: list[str]
    state: Literal["putting", "manifest", "ended", "deleting"] = "putting"
    """`manifest`: it is about to come. `ended`: the process puts nothing any more, and the manifest may be there."""
    at: str = ""
    """When the manifest was about to come, by the clock of the database."""
    whose: str = ""
    home: str = ""
    """The name of the file that the process locks: `HomeLock`."""

    @property
    def written(self) -> str:
        return json.dumps(asdict(self))


def may_have_rewritten(database: Database) -> bool:
    """Return whether an interrupted purge may have put the manifest of a segment that the index does not have yet."""
    marks = (json.loads(written) for written in Marks(database, BEGUN).all().values())
    return any(not isinstance(one, dict) or one["state"] in ("manifest", "ended") for one in marks)


class HomeLock:
    """A file in a home that its purges lock while they put something: the system unlocks it when a process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self) -> Iterator[str]:
        """Lock the file; return its name, with a random part. Raises PurgeUnderWay if another process has it."""
        with self._opened() as file:
            if not _locked(file):
                raise PurgeUnderWay
            if not os.pread(file, 64, 0):
                os.pwrite(file, secrets.token_hex(16).encode(), 0)
                os.fsync(file)
            yield _name_of(file)

    def has_ended(self, home: str) -> bool:
        """Return whether a process that had locked this file, by its name, has ended: nobody has it now."""
        with self._opened() as file:
            return bool(home) and _name_of(file) == home and _locked(file)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            yield file
        finally:
            os.close(file)


def _name_of(file: int) -> str:
    """Return a name that a copy of the home does not have: it has the place of the file, and the boot of the system."""
    there = os.fstat(file)
    boot = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{os.pread(file, 64, 0).decode('ascii', 'replace')}/{boot}/{there.st_dev}/{there.st_ino}"


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class BegunPurges:
    """The purges that have begun to put a rewritten segment."""

    def __init__(self, index: Index, store: ObjectStore, home: HomeLock | None) -> None:
        self._index, self._store, self._home = index, store, home
        self._marks = Marks(index.database, BEGUN)

    @contextmanager
    def putting(self, former: Manifest, keys: Sequence[str]) -> Iterator[Putting]:
        """Note what is about to be put instead of a segment, first. Raises PurgeUnderWay if another purge may do so."""
        with self._home.held() if self._home else nullcontext("") as home:
            mark = _Mark(list(keys), whose=secrets.token_hex(8), home=home)
            if self._marks.put(former.key, mark.written) != mark.written:
                raise _may_be_writing(former.segment)
            putting = Putting(self, former.key, mark)
            try:
                yield putting
            except Exception:
                with suppress(DatabaseUnusable):  # then it is like one that was killed
                    putting.stop()
                raise

    def change(self, key: str, before: _Mark, after: _Mark) -> bool:
        return self._marks.replace(key, before.written, after.written)

    def now(self) -> datetime:
        with self._index.database.reading() as connection:
            return clock_of(connection, self._index.now)

    def check(self) -> None:
        """Raise PurgeUnderWay if the manifest of an interrupted purge may still come: a second purge would give up the
        marks of its records (`purged_marks.leaving`), and crawls would refer to them again.
        """
        for key in self._marks.all():
            raise _may_be_writing(Manifest.parse(octets_of(self._store, key), key).segment)

    def undo(self) -> None:
        """Delete what interrupted purges have put for segments that they did not rewrite. The caller has the lock of
        purges, and has noted those whose manifests are in the store. Raises PurgeUnderWay, StoreError.
        """
        for key, written in self._marks.all().items():
            with changing_segments(self._index.database):  # a purge that lost the other lock has it
                self._undo(key, written)

    def _undo(self, key: str, written: str) -> None:
        found = json.loads(written)
        mark = _Mark(**found) if isinstance(found, dict) else _Mark(found)  # earlier versions wrote the keys alone
        former = Manifest.parse(octets_of(self._store, key), key)
        if self._store.size(successor_key(former)) is not None:
            if not unpurged(self._index.database, [key]):  # else it counts as begun until the index has it
                self._marks.delete_if(key, written)
            return
        if mark.state == "manifest" and self._may_come(mark):
            return
        deleting = replace(mark, state="deleting").written
        if self._marks.replace(key, written, deleting):
            for each in mark.keys:
                self._store.delete(each)
            self._marks.delete_if(key, deleting)

    def _may_come(self, mark: _Mark) -> bool:
        if self._index.database.engine.dialect.name != "postgresql":
            return False
        if self._home and self._home.has_ended(mark.home):
            return False
        return self.now() - datetime.fromisoformat(mark.at) < GRACE


def _may_be_writing(segment: str) -> PurgeUnderWay:
    return PurgeUnderWay(
        f"a purge that was interrupted may still be writing the segment {segment}; try again in an hour"
    )


class Putting:
    """A rewritten segment that is being put."""

    def __init__(self, begun: BegunPurges, key: str, mark: _Mark) -> None:
        self._begun, self._key, self._mark = begun, key, mark

    def manifest_comes(self) -> None:
        """Note that the manifest is about to come: from now on nobody deletes what was put. Raises PurgeUnderWay if
        another process has begun to do so.
        """
        self._become(replace(self._mark, state="manifest", at=self._begun.now().isoformat()))

    def stop(self) -> None:
        """Note that this process puts nothing any more."""
        state: Literal["putting", "ended"] = "putting" if self._mark.state == "putting" else "ended"
        self._begun.change(self._key, self._mark, replace(self._mark, state=state, at=""))

    def _become(self, mark: _Mark) -> None:
        if not self._begun.change(self._key, self._mark, mark):
            raise PurgeUnderWay("another process has ended this purge, before the segment was rewritten")
        self._mark = mark
