"""The manifests that purges replaced, in the store: which one replaced which, and what each named.

A purge puts a rewritten segment with a manifest of its own, under a key that follows from the former manifest. A copy
of the former manifest is under `PURGED`: chains and roots still find it there, with the same hash. From the moment the
new manifest is in the store, the former segment does not count. A rewritten segment may be purged again, and so on:
only the last one counts.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import octets_of
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.values.key_parts import escaped
from archive.warc.keys import PURGED, REREADS, manifest_key, purged_key, sha256_of_key, time_of_key
from archive.warc.manifest import Manifest, Replaces
from archive.warc.purge_names import next_name, next_worker

_EMPTY = sha256(b"")


def successor_key(former: Manifest) -> str:
    """Return the key of the manifest that replaces another one. Of two purges at once, only one can put it."""
    segment, at = former.segment, time_of_key(former.warc.key)
    return manifest_key(former.collection, next_worker(segment), next_name(segment), at)


def put_former(store: ObjectStore, former: Manifest) -> None:
    """Put a copy of a manifest that is about to be replaced. Raises StoreError."""
    key, content = purged_key(former.key, former.sha256), former.to_bytes()
    confirm(store, key, store.put(key, io.BytesIO(content), former.sha256), "get")


def purged_manifests(store: ObjectStore) -> Iterator[Manifest]:
    """Yield the manifests that purges replaced. A damaged one is skipped: the chain shows that it is missing."""
    for key in list(store.keys(PURGED)):  # the caller may list others meanwhile
        try:
            found = Manifest.parse(octets_of(store, key), key)
        except (IntegrityError, ObjectNotFound):
            continue
        if purged_key(found.key, found.sha256) == key:
            yield found


@dataclass(frozen=True)
class Succession:
    """A segment that was purged, and those that replaced it, one after the other."""

    former: Manifest
    later: tuple[Manifest, ...]
    """At least one."""

    @property
    def last(self) -> Manifest:
        """The one that counts."""
        return self.later[-1]

    @cached_property
    def purged(self) -> dict[str, str]:
        """The records that were purged since, each with its take-down."""
        return {record: one.takedown for one in self.replaced for record in one.purged}

    @property
    def replaced(self) -> list[Replaces]:
        """What each purge says."""
        return [one.replaces for one in self.later if one.replaces is not None]

    @cached_property
    def needed(self) -> dict[str, Sha256]:
        """What a place must have before the former segment is deleted there, with the digests; the manifest is last."""
        copies = (self.former, *self.later[:-1])
        return {
            **{purged_key(one.key, one.sha256): one.sha256 for one in copies},
            **{entry.key: entry.sha256 for entry in self.last.objects},
            self.last.key: self.last.sha256,
        }

    def gone_from(self, store: ObjectStore) -> list[str]:
        """Return the keys of all former objects, also of texts that were extracted again, as a store lists them.

        The manifest comes last: until then, the objects are known. Raises StoreError.
        """
        former = self.former
        again = f"{REREADS}{escaped(former.collection)}/{escaped(former.segment)}/"
        held = (*(entry.key for entry in former.objects), *store.keys(again), former.key)
        return [key for key in dict.fromkeys(held) if key not in self.needed and is_of_one_segment(key)]


def is_of_one_segment(key: str) -> bool:
    """Return whether no other segment can have an object: the index of a WARC without captures has no bytes, so that
    several of one second share it.
    """
    return sha256_of_key(key) != _EMPTY


class Successions:
    """The purges that a store shows, read once."""

    def __init__(self, store: ObjectStore) -> None:
        """Raises StoreError."""
        self._store = store
        self.formers = list(purged_manifests(store))
        self._copies = {one.key: one for one in self.formers}

    def of(self, former: Manifest) -> Succession | None:
        """Return what replaced a manifest; None if nothing did. Raises StoreError, IntegrityError, ObjectNotFound."""
        later = list[Manifest]()
        while (new := self._after(later[-1] if later else former)) is not None:
            later.append(new)
        return Succession(former, tuple(later)) if later else None

    def _after(self, former: Manifest) -> Manifest | None:
        key = successor_key(former)
        if self._store.size(key) is not None:
            new = Manifest.parse(octets_of(self._store, key), key)
        elif (copy := self._copies.get(key)) is not None:
            new = copy
        else:
            return None
        if new.key != key or new.replaces is None or new.replaces.sha256 != former.sha256:
            raise IntegrityError(f"{key} does not name the manifest {former.key}, which it should replace")
        return new
