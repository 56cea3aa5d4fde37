"""Recognize a store that has lost everything: its gaps prove nothing, and nothing may be written there.

The disk of a directory that is not mounted leaves an empty directory. What is written to it would disappear below the
disk once that is mounted again.
"""

from __future__ import annotations

import os
from pathlib import Path
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
                f"{self._place} can't be used: {why}; mount it, or, if it is lost, run pressmark audit --share 1/1 "
                "--repair --refill to fill what is there now",
                why,
            )

    def _noted(self) -> Path | None:
        """Return what was noted for this directory; a replica that has moved since has another one."""
        noted = self._marks.get(self._place)
        return Path(noted) if noted and Path(noted) in self._above else None
