"""Fill a replica: objects that the first store has are copied, in the order in which they were noted.

A cursor says up to which object a replica has all. It only saves time: the table of copies says what a replica has.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from archive.database.marks import Marks
from archive.index.objects import FIRST, Copy, Lag, ObjectRow, Objects
from archive.index.preservation_events import Event, Events
from archive.index.purges.locks import beside_purges
from archive.index.purges.purged_marks import unpurged
from archive.shipping.emptied import Mount, StoreEmptied, check_holds_ours, check_still_holds, still_held
from archive.shipping.fixity.reading import Meter, read_copy
from archive.shipping.fixity.repair import NoHealthyCopy, Repair
from archive.shipping.ledger_parts import is_replaced
from archive.store import ObjectStore
from archive.store.confirm import Verify, confirm
from archive.store.protocol import Stored
from archive.store.replicated import replicas_of
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import RUNS

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.index.index import Index

logger = logging.getLogger(__name__)

_BATCH = 100


class Cursor:
    """Up to which object a replica has all."""

    def __init__(self, database: Database, place: str) -> None:
        self._marks, self._place = Marks(database, "replica:"), place

    def get(self) -> int:
        return int(self._marks.get(self._place) or 0)

    def set(self, object_id: int) -> None:
        self._marks.set(self._place, str(object_id))


class Filler:
    """Fills one replica."""

    def __init__(
        self,
        index: Index,
        store: ObjectStore,
        place: str,
        *,
        now: Callable[[], datetime],
        meter: Meter | None = None,
        verify: Verify = "auto",
    ) -> None:
        self._index, self._store, self._place, self._now = index, store, place, now
        self._target = replicas_of(store)[place]
        self._meter, self._verify = meter or Meter(), verify
        stores = {FIRST: store, **replicas_of(store)}
        self._repair = Repair(index, stores, self._meter)
        self._objects = Objects(index.database)
        self._mount = Mount(index.database, place, self._target)
        self._cursor = Cursor(index.database, place)
        self._failed: dict[int, str] = {}

    @property
    def failed(self) -> list[str]:
        """What could not be copied in the last filling: no healthy copy is left."""
        return list(self._failed.values())

    def lag(self) -> Lag:
        return self._objects.lag(self._place, self._cursor.get())

    def check(self) -> None:
        """Check that the replica is there: nothing may be copied to the mount point of its disk.

        An empty one whose disk is mounted is filled again from the beginning. Raises StoreEmptied.
        """
        self._mount.check()
        try:
            check_holds_ours(self._index, self._place, self._target)
        except StoreEmptied:
            if not self._mount.is_known or next(iter(self._target.keys()), None) is not None:
                raise
            self._mount.check()  # the disk may have gone since
            self._begin_again()
        else:
            self._mount.note()

    def _begin_again(self) -> None:
        """Note that a replica has lost everything. The cursor is first: after a crash, the next check repeats this."""
        self._cursor.set(0)
        lost = self._objects.forget_copies(self._place)
        note = f"the replica is empty: {lost} objects are lost; it is filled again"
        Events(self._index.database).add(Event(self._now(), "fixity check", "fail", note, self._place))
        logger.error("a replica has lost everything", extra={"place": self._place, "objects": lost})

    def fill(self, *, again: bool = False) -> Iterator[int]:
        """Copy what is missing, and yield the size of each object. With `again`, look at all objects, not at new ones.

        An object without a healthy copy is left out. What was copied since the last check counts only if the disk is
        still mounted and the replica still has what it had before. Raises StoreError if the replica refuses or has lost
        what it had, and Interrupted.
        """
        after = 0 if again else self._cursor.get()
        self._failed = {} if again else self._failed
        while rows := self._objects.absent(self._place, after, _BATCH):
            copied, written = list[Copy](), list[str]()
            self.check()
            before = still_held(self._index, self._place, self._target)
            try:
                for row in rows:
                    after = row.id
                    if (size := self._copy(row)) is not None:
                        copied.append(Copy(row.id, self._place, self._now(), "ok"))
                        written.append(row.key)
                        yield size
            finally:
                self._mount.check()
                check_still_holds(self._place, self._target, before or written[:1])
                self._objects.record(copied)
                self._advance()

    def _advance(self) -> None:
        self._cursor.set(self._objects.all_copied(self._place, self._cursor.get()))

    def _copy(self, row: ObjectRow) -> int | None:
        with beside_purges(self._index.database):
            if row.id in self._failed or not unpurged(self._index.database, [row.key]):
                return None
            return self._copied(row)

    def _copied(self, row: ObjectRow) -> int | None:
        try:
            _, copy, digest = self._repair.healthy(row, without=self._place)
        except NoHealthyCopy as error:
            if is_replaced(self._store, row.key):
                self._objects.forget([row.key])
                return None
            logger.error("an object can't be copied to a replica", extra={"object": row.key, "reason": str(error)})
            self._failed[row.id] = str(error)
            return None
        with copy:
            stored = self._put(row.key, copy, digest)
        confirm(self._target, row.key, stored, self._verify)
        if row.sha256 is None or row.size is None:
            self._note(row)
        return stored.size

    def _put(self, key: str, body: BinaryIO, digest: Sha256) -> Stored:
        self._mount.check()
        return self._target.put(key, body, digest, replace=True)

    def _note(self, row: ObjectRow) -> None:
        found = read_copy(self._target, row, self._meter)
        if found.outcome == "ok" and found.sha256 and found.size is not None:
            self._objects.complete(row.id, found.sha256, found.size)
            if found.manifest is not None:
                self._objects.note(found.manifest, row.seen_at)

    def list_again(self) -> None:
        """List the first store: note objects that no segment brought, and copy the texts of runs, which are replaced.

        Raises StoreError.
        """
        self.check()
        self._objects.note_keys(self._store.keys(), self._now())
        for key in self._store.keys(RUNS):
            mine, theirs = self._store.stat(key), self._target.stat(key)
            newer = mine and theirs and mine.at and theirs.at and mine.at > theirs.at
            if mine is not None and (theirs is None or theirs.size != mine.size or newer):
                self._copy_run(key)

    def _copy_run(self, key: str) -> None:
        with beside_purges(self._index.database):
            self._copied_run(key)

    def _copied_run(self, key: str) -> None:
        try:
            with self._store.get(key) as file:
                content = file.read()
        except (ObjectNotFound, IntegrityError) as error:
            logger.info("the texts of a run could not be copied", extra={"object": key, "reason": str(error)})
            return
        self._put(key, io.BytesIO(content), sha256(content))
