"""Read from a store, or from one of its replicas where the store has lost an object, or is lost itself."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import BinaryIO, TypeVar

from archive.store.object_reader import copied
from archive.store.protocol import ObjectStore, Stat
from archive.store.replicated import Replicated, replicas_of
from archive.values.digest import sha256_file
from archive.values.errors import Finding, IntegrityError, ObjectNotFound, StoreError
from archive.warc.integrity.object_of_key import is_of_key
from archive.warc.keys import MANIFESTS, WARCS, sha256_of_key

log = logging.getLogger(__name__)

T = TypeVar("T")
_FIRST = "store"
"""The name of the first store, as `archive.index.objects` has it."""


def with_failover(store: ObjectStore, *, writes: bool = False) -> ObjectStore:
    """Return a view of a store that also reads from its replicas; the store itself if it has none.

    With `writes`, its lists raise the StoreError of the first store: who continues a chain must know its end, and a
    replica may lag behind. While the first store has no manifest, because it was lost, they also raise that of a
    replica.
    """
    return Failover(store, replicas_of(store), writes=writes) if replicas_of(store) else store


def unlisted(store: ObjectStore) -> tuple[Finding, ...]:
    """Return a finding for each place that a view with failover could not list so far."""
    failed = store.failed if isinstance(store, Failover) else {}
    sentence = "this place can't be listed; what only it has is not read"
    return tuple(Finding(name, None, "unreadable", f"{sentence}: {error}") for name, error in failed.items())


class Failover(Replicated):
    """Reads an object from the first place that has it intact. Everything else acts on the first store alone.

    A replica that does not respond matters only if no other place has the object.
    """

    def __init__(self, first: ObjectStore, replicas: Mapping[str, ObjectStore], *, writes: bool = False) -> None:
        super().__init__(first, replicas)
        self._writes = writes
        self.failed = dict[str, StoreError]()
        """The last error of each place that could not be listed, by the name of the place."""

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        """Open an object. One whose key tells what it must be is checked, except WARCs: others check their records.

        If no copy is intact, the one of the first store is returned.
        """
        is_whole = offset == 0 and length is None and not key.startswith(WARCS)
        is_checked = is_whole and (key.startswith(MANIFESTS) or sha256_of_key(key) is not None)

        def opened(store: ObjectStore) -> BinaryIO | None:
            try:
                file = store.get(key, offset, length)
            except ObjectNotFound:
                return None
            if not is_checked:
                return file
            copy = copied(file)
            digest = sha256_file(copy)
            copy.seek(0)
            if not is_of_key(key, digest, copy):
                copy.close()
                return None
            return copy

        found = self._first(opened)
        return self.first.get(key, offset, length) if found is None else found

    def stat(self, key: str) -> Stat | None:
        return self._first(lambda store: store.stat(key))

    def size(self, key: str) -> int | None:
        return self._first(lambda store: store.size(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys of all places, each once, in order. Raises StoreError if no place can be listed to the end.

        For a writer, it raises StoreError if the first store can't be listed, or has no manifest and a replica can't.
        """
        failed = dict[str, StoreError]()
        names = (_FIRST, *self.replicas)
        places = [self._listed(name, store, prefix, failed) for name, store in zip(names, self._places, strict=True)]
        yield from (key for key, _ in groupby(heapq.merge(*places)))
        if len(failed) == len(places):
            raise failed[_FIRST]
        if failed and self._writes and self._has_lost_all():
            name, error = next(iter(failed.items()))
            raise type(error)(
                f"the store has no segment, and its replica {name} can't be listed; it may have earlier ones: {error}"
            ) from error

    def _has_lost_all(self) -> bool:
        return next(iter(self.first.keys(MANIFESTS)), None) is None

    @property
    def _places(self) -> list[ObjectStore]:
        return [self.first, *self.replicas.values()]

    def _listed(self, name: str, store: ObjectStore, prefix: str, failed: dict[str, StoreError]) -> Iterator[str]:
        try:
            yield from store.keys(prefix)
        except StoreError as error:
            if self._writes and name == _FIRST:
                raise
            log.warning("a store can't be listed; its replicas are", extra={"prefix": prefix, "reason": str(error)})
            failed[name] = error
            self.failed[name] = error

    def _first(self, ask: Callable[[ObjectStore], T | None]) -> T | None:
        """Return what the first place gives; None if all respond and none has it. Raises the first StoreError."""
        failed = list[StoreError]()
        for store in self._places:
            try:
                if (found := ask(store)) is not None:
                    return found
            except IntegrityError:
                continue
            except StoreError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return None
