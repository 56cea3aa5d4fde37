"""Confirm that a store has what it was given: ask the store, or read the object and hash it."""

from __future__ import annotations

import hashlib
from typing import Literal

from archive.store.protocol import ObjectStore, Stored
from archive.values.digest import Sha256
from archive.values.errors import IntegrityError, StoreError

Verify = Literal["auto", "head", "get", "off"]
"""How a put is verified: `auto` believes the checksum of a store that has shown that it computes it and reads the
object back from any other; `head` never reads back, `get` always does. `off` is for drills: it believes anything."""

_BLOCK = 1 << 20


def confirm(store: ObjectStore, key: str, stored: Stored, verify: Verify = "auto") -> None:
    """Return if the store has these bytes under the key. Raises IntegrityError with what is wrong."""
    if verify == "off":
        return
    stat = store.stat(key)
    if stat is None:
        raise IntegrityError(f"the store accepted {key}, but does not have it")
    if stat.framed:
        raise IntegrityError(f"the store kept the framing of the upload inside {key}")
    if stat.size != stored.size:
        raise IntegrityError(f"the store has {stat.size} bytes of {key}, not {stored.size}")
    if verify != "get" and stat.checksum is not None and stat.checksum == stored.checksum:
        return
    if verify == "head":
        raise StoreError(f"the store reports no usable checksum of {key}: set verify to auto or get")
    _read_back(store, key, stored.sha256)


def _read_back(store: ObjectStore, key: str, digest: Sha256) -> None:
    whole = hashlib.sha256()
    with store.get(key) as file:
        while block := file.read(_BLOCK):
            whole.update(block)
    if whole.hexdigest() != digest:
        raise IntegrityError(f"the store returns other bytes for {key} than were uploaded: SHA-256 {whole.hexdigest()}")
