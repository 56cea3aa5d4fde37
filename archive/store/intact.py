"""Whether a store has an object, whole."""

from __future__ import annotations

from archive.store.object_reader import copied, opened
from archive.store.protocol import ObjectStore
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound


def is_intact(target: ObjectStore, key: str, digest: Sha256) -> bool:
    """Return whether a store has an object with this SHA-256, which this reads. Raises StoreError."""
    try:
        if target.size(key) is None:
            return False
        with copied(opened(target, key)) as copy:
            return sha256_file(copy) == digest
    except (IntegrityError, ObjectNotFound):
        return False
