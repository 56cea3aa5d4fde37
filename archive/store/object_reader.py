"""Read objects one by one, even if some of them are damaged."""

from __future__ import annotations

from contextlib import closing
from typing import BinaryIO

from archive.store.protocol import ObjectStore
from archive.values.errors import IntegrityError, StoreDenied, StoreUnreachable


def opened(store: ObjectStore, key: str) -> BinaryIO:
    """Open a whole object, as `ObjectStore.get`. Raises IntegrityError if the store responds but can't read it."""
    try:
        return store.get(key)
    except (StoreUnreachable, StoreDenied) as error:
        store.size(key)  # raises if the store itself can't be reached
        raise IntegrityError(f"{key} can't be read: {error}") from error


def octets_of(store: ObjectStore, key: str) -> bytes:
    """Return the bytes of a short object. Raises StoreError, ObjectNotFound."""
    with closing(opened(store, key)) as file:
        return file.read()
