"""Read objects one by one, even if some of them are damaged."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from typing import BinaryIO, cast

from archive.store.protocol import ObjectStore
from archive.values.errors import IntegrityError, StoreDenied, StoreUnreachable

_IN_MEMORY = 8 << 20
"""The bytes of a copy that stay in memory."""
_BLOCK = 1 << 20


def opened(store: ObjectStore, key: str) -> BinaryIO:
    """Open a whole object, as `ObjectStore.get`. Raises IntegrityError if the store responds but can't read it."""
    try:
        return store.get(key)
    except (StoreUnreachable, StoreDenied) as error:
        store.size(key)  # raises if the store itself can't be reached
        raise IntegrityError(f"{key} can't be read: {error}") from error


def copied(file: BinaryIO) -> BinaryIO:
    """Return a seekable copy of a file, at its beginning, and close the file. A long copy is a file on disk."""
    copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 -- handed to the caller
    try:
        with closing(file):
            shutil.copyfileobj(file, copy, _BLOCK)
    except BaseException:
        copy.close()
        raise
    copy.seek(0)
    return copy


def octets_of(store: ObjectStore, key: str) -> bytes:
    """Return the bytes of a short object. Raises StoreError, ObjectNotFound."""
    with closing(opened(store, key)) as file:
        return file.read()
