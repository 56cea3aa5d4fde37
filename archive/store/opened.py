"""Objects of which each has to be read, whatever is wrong with some."""

from __future__ import annotations

from contextlib import closing
from typing import BinaryIO

from archive.store.protocol import ObjectStore
from archive.values.errors import IntegrityError, StoreDenied, StoreUnreachable


def opened(store: ObjectStore, key: str) -> BinaryIO:
    """As `ObjectStore.get`, of a whole object. Raises IntegrityError when the store answers, and does not give this."""
    try:
        return store.get(key)
    except (StoreUnreachable, StoreDenied) as error:
        store.size(key)  # raises when nothing is to be had
        raise IntegrityError(f"{key} can't be read: {error}") from error


def octets_of(store: ObjectStore, key: str) -> bytes:
    """A whole object, of those that are short. Raises StoreError, ObjectNotFound."""
    with closing(opened(store, key)) as file:
        return file.read()
