"""Recognize a store that has lost everything: its gaps prove nothing, and nothing may be written there.

The disk of a directory that is not mounted leaves an empty directory. What is written to it would disappear below the
disk once that is mounted again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.objects import FIRST, Objects
from archive.store.local import LocalStore
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
    known = index.manifest_keys() if place == FIRST else Objects(index.database).keys_in(place, MANIFESTS)
    if not known or any(store.size(key) is not None for key in sorted(known)[-_SAMPLE:]):
        return
    if not any(key in known for key in store.keys(MANIFESTS)):
        raise StoreEmptied(
            f"{place} has none of the manifests in the index: it may be a different store, or its disk is not mounted; "
            "mount or restore it, or run pressmark audit --share 1/1 --repair --refill to fill it from another copy",
            "it has none of the manifests that it had",
        )


class Mount:
    """The mount point of the disk of a replica, as noted when the replica was there. A bucket has none."""

    def __init__(self, database: Database, place: str, store: ObjectStore) -> None:
        self._marks, self._place = Marks(database, "mount:"), place
        self._root = store.root if isinstance(store, LocalStore) else None

    def note(self) -> None:
        if self._root is None:
            return
        found = str(next(each for each in (self._root, *self._root.parents) if os.path.ismount(each)))
        if self._marks.get(self._place) != found:
            self._marks.set(self._place, found)

    def check(self) -> None:
        """Raise StoreEmptied if nothing is mounted there."""
        noted = self._marks.get(self._place)
        if self._root is not None and noted and not os.path.ismount(noted):
            why = f"its disk is not mounted at {noted}"
            raise StoreEmptied(f"{self._place} can't be filled: {why}", why)
