"""Copy the objects of a local store into the target of a backup."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from archive.shipping.ledger_parts import delete_replaced
from archive.shipping.purged import delete_purged
from archive.shipping.purged_months import delete_other_months
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import copied, opened
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.integrity.object_of_key import is_of_key
from archive.warc.integrity.trust import Trust
from archive.warc.keys import EXPORTS, MANIFESTS, RUNS, is_undigested_stamp
from pressmark.upkeep.backup_index import BACKUPS


class Target:
    """The target of a backup, which counts the bytes that it gets."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.bytes = 0

    def put(self, key: str, copy: BinaryIO, digest: Sha256) -> None:
        """Put an intact file, also in place of a damaged one, and read back that it is there. Raises StoreError."""
        size = copy.seek(0, os.SEEK_END)
        copy.seek(0)
        stored = self.store.put(key, copy, digest, replace=True)
        confirm(self.store, key, stored)
        self.bytes += size


class StoreCopy:
    """Copies what the target does not have. `unreadable` says in sentences what could not be copied."""

    def __init__(self, store: ObjectStore, target: Target, trust: Trust | None = None) -> None:
        """`trust` checks the manifests of purges: what no trusted key signed deletes nothing in the target."""
        self._store, self._target, self._trust = store, target, trust or Trust()
        self.objects = 0
        self.unreadable: list[str] = []

    def copy(self, found: Callable[[int], None], copied: Callable[[], None]) -> None:
        """Copy the objects, manifests last, and delete parts of the ledger that others replaced, what was purged, and
        months that the store has no more.

        `found` gets the number of objects, `copied` is called after each. Raises StoreError if the store or the target
        does not respond.
        """
        manifests = list(self._store.keys(MANIFESTS))
        others = [key for key in self._store.keys("") if not key.startswith((MANIFESTS, BACKUPS, EXPORTS))]
        found(len(others) + len(manifests))
        for key in (*others, *manifests):
            self._copy(key)
            copied()
        delete_replaced(self._target.store, self._store)
        delete_purged(self._target.store, self._store, self._trust)
        delete_other_months(self._target.store, self._store)

    def _copy(self, key: str) -> None:
        size = self._store.size(key)
        # any bytes of the same size may be under other keys
        is_fixed = not (key.startswith(RUNS) or is_undigested_stamp(key))
        if size is None or (is_fixed and self._target.store.size(key) == size):
            return
        try:
            found = copied(opened(self._store, key))
        except ObjectNotFound:  # a part of the ledger that was replaced meanwhile
            return
        except IntegrityError as error:
            self.unreadable.append(str(error))
            return
        with found as copy:
            digest = sha256_file(copy)
            if not is_of_key(key, digest, copy):
                self.unreadable.append(f"{key}: it is damaged in the store, see pressmark verify --all")
                return
            self._target.put(key, copy, digest)
            self.objects += 1
