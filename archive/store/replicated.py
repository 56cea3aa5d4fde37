"""A store with replicas: further stores that have the same objects.

Everything acts on the first store. Only code that reads captures, or looks for a healthy copy, asks for the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

from archive.store.protocol import ObjectStore, Stat, Stored
from archive.values.digest import Sha256


class Replicated:
    """The first store, which knows its replicas by name."""

    def __init__(self, first: ObjectStore, replicas: Mapping[str, ObjectStore]) -> None:
        self.first = first
        self.replicas = dict(replicas)

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        return self.first.put(key, body, digest, replace=replace)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        return self.first.get(key, offset, length)

    def stat(self, key: str) -> Stat | None:
        return self.first.stat(key)

    def size(self, key: str) -> int | None:
        return self.first.size(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self.first.keys(prefix)

    def delete(self, key: str) -> None:
        self.first.delete(key)

    def abort_unfinished(self, before: datetime) -> int:
        return self.first.abort_unfinished(before)

    def silence(self, now: datetime) -> str | None:
        return self.first.silence(now)

    def close(self) -> None:
        for store in (self.first, *self.replicas.values()):
            store.close()


def replicas_of(store: ObjectStore) -> Mapping[str, ObjectStore]:
    """Return the replicas of a store, by name; none for a store without them."""
    return store.replicas if isinstance(store, Replicated) else {}


def first_of(store: ObjectStore) -> ObjectStore:
    """Return the store that everything is written to: the store itself, if it has no replicas."""
    return store.first if isinstance(store, Replicated) else store
