"""Recognize a store that has lost everything: its gaps prove nothing, and nothing may be written there.

The disk of a directory that is not mounted leaves an empty directory. What is written to it would disappear below the
disk once that is mounted again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from archive.database.lost_tables import GIVEN_UP
from archive.database.marks import Marks
from archive.index.objects import FIRST, Objects
from archive.store.local import LocalStore
from archive.store.protocol import Guarded
from archive.store.replicated import first_of
from archive.values.errors import StoreError
from archive.warc.keys import MANIFESTS

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.index.index import Index
    from archive.store import ObjectStore

_SAMPLE = 3


class StoreEmptied(StoreError):
    """A store has none of the manifests that it had: it is empty, or another one is in its place."""

    def __init__(self, sentence: str, why: str) -> None:
        """`why` is the reason alone, without the way out."""
        super().__init__(sentence)
        self.why = why


def check_holds_ours(index: Index, place: str, store: ObjectStore) -> None:
    """Check that a place still has some of the manifests that it had; a new place passes.

    Raises StoreEmptied, and another StoreError if the store does not respond.
    """
    since = _Given(index.database).up_to if place == FIRST else 0
    sample = index.some_manifests(_SAMPLE, after=since) if place == FIRST else landmarks(index, place)
    if not sample or holds_any(store, sample):
        return
    known = index.manifest_keys(after=since) if place == FIRST else _manifests(index, place)
    if not any(key in known for key in store.keys(MANIFESTS)):
        raise StoreEmptied(
            f"{_spoken(place, store)} contains none of the expected files: its disk may not be mounted, or the "
            "settings may name the wrong place; mount the disk or correct the settings; if the files are lost, "
            f"{_way_out(place)}, "
            "which copies them from another place",
            "all its lists of files (manifests) are missing",
        )


def landmarks(index: Index, place: str) -> list[str]:
    """Return some manifests that a replica has, the newest ones by their keys."""
    return sorted(_manifests(index, place))[-_SAMPLE:]


def still_held(index: Index, place: str, store: ObjectStore) -> list[str]:
    """Return some manifests that a replica has now: of the newest ones, or, if it lost these, any one that it keeps.

    Raises StoreError.
    """
    if held := [key for key in landmarks(index, place) if store.size(key) is not None]:
        return held
    known = _manifests(index, place)
    return list(islice((key for key in store.keys(MANIFESTS) if key in known), 1)) if known else []


def holds_any(store: ObjectStore, keys: Iterable[str]) -> bool:
    """Return whether a store has one of these objects. Raises StoreError."""
    return any(store.size(key) is not None for key in keys)


def check_still_holds(place: str, store: ObjectStore, keys: Sequence[str]) -> None:
    """Check that a place still has one of these objects, which it had a moment ago. Raises StoreError."""
    if keys and not holds_any(store, keys):
        why = "its files disappeared while Pressmark copied other files to it"
        raise StoreEmptied(f"{_spoken(place, store)} can't be used: {why}", why)


def _manifests(index: Index, place: str) -> set[str]:
    return Objects(index.database).keys_in(place, MANIFESTS)


class FirstStore:
    """Whether the first store is there. Nothing may be written to it while it is not."""

    def __init__(self, index: Index, store: ObjectStore) -> None:
        self._index, self._store = index, first_of(store)
        self._mount = Mount(index.database, FIRST, self._store)

    def guard(self) -> None:
        """Check a directory or a bucket before each object that is written there: in a bucket this costs a HEAD."""
        if isinstance(self._store, Guarded):
            self._store.before_writing = self.check

    def check(self) -> None:
        """Check that its disk is mounted and that it is ours. Raises StoreEmptied."""
        self._mount.check()
        check_holds_ours(self._index, FIRST, self._store)
        self._mount.note()

    def begin_again(self) -> None:
        """Take what is there now as the first store: what it had is lost, unless it still has some of it.

        Raises a StoreError other than StoreEmptied if the store does not respond.
        """
        self._mount.forget()
        try:
            check_holds_ours(self._index, FIRST, self._store)
        except StoreEmptied:
            _Given(self._index.database).note(self._index.newest_stored())


class _Given:
    """Up to which segment the first store has been given up: what it had until then says nothing about it."""

    def __init__(self, database: Database) -> None:
        self._marks = Marks(database, GIVEN_UP)

    @property
    def up_to(self) -> int:
        return int(self._marks.get(FIRST) or 0)

    def note(self, segment: int) -> None:
        self._marks.set(FIRST, str(segment))


class Mount:
    """The mount point of the disk of a place, as noted when the place was there. A bucket has none."""

    def __init__(self, database: Database, place: str, store: ObjectStore) -> None:
        self._marks, self._place, self._store = Marks(database, "mount:"), place, store
        root = Path(os.path.realpath(store.root)) if isinstance(store, LocalStore) else None
        self._above = () if root is None else (root, *root.parents)

    @property
    def is_known(self) -> bool:
        """Whether `check` can tell that the disk is missing. An earlier version noted no mount point."""
        return not self._above or self._noted() is not None

    def note(self) -> None:
        """Note the mount point, unless one nearer to the files is noted: the disk may be gone since it was checked."""
        found = next((each for each in self._above if os.path.ismount(each)), None)
        noted = self._noted()
        if found is not None and (noted is None or len(found.parts) > len(noted.parts)):
            self._marks.set(self._place, str(found))

    def forget(self) -> None:
        """Forget the mount point: the disk is lost for good, and the next check notes where the files are then."""
        self._marks.delete(self._place)

    def check(self) -> None:
        """Raise StoreEmptied if nothing is mounted there, whatever the directory holds."""
        noted = self._noted()
        if noted is not None and not os.path.ismount(noted):
            why = f"its disk is not mounted at {noted}"
            raise StoreEmptied(
                f"{_spoken(self._place, self._store)} can't be used: {why}; mount the disk; if the disk is lost, "
                f"{_way_out(self._place)}, which copies all files to the same place again",
                why,
            )

    def _noted(self) -> Path | None:
        """Return what was noted for this directory; a replica that has moved since has another one."""
        noted = self._marks.get(self._place)
        return Path(noted) if noted and Path(noted) in self._above else None


def _spoken(place: str, store: ObjectStore) -> str:
    if place != FIRST:
        return f"the replica {place}"
    return f"the store in {store.root}" if isinstance(store, LocalStore) else "the store"


def _way_out(place: str) -> str:
    return f"the administrator can use the command pressmark audit --share 1/1 --repair --refill {place}"
