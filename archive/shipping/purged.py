"""What purges leave in the store: the manifests that they replaced, which name what may not be there any more.

A purge puts a rewritten segment with a manifest of its own, and moves the former manifest under `PURGED`. Chains and
roots still find it there, with the same hash. Its objects are deleted, also in replicas and backups.
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.store import ObjectStore
from archive.store.object_reader import octets_of
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import PURGED, REREADS, escaped
from archive.warc.manifest import Manifest


def purged_manifests(store: ObjectStore) -> Iterator[Manifest]:
    """Yield the manifests that purges replaced. A damaged one is skipped: the chain shows that it is missing."""
    for key in store.keys(PURGED):
        try:
            yield Manifest.parse(octets_of(store, key), key)
        except (IntegrityError, ObjectNotFound):
            continue


def delete_purged(place: ObjectStore, store: ObjectStore) -> int:
    """Delete from a place what purges have replaced in the store, and return the number of deleted objects.

    The place is the store itself, a replica or a backup. While a former manifest is still under its key in the store,
    its purge has not come to the end, and nothing of it is deleted. Repeating this is harmless. Raises StoreError.
    """
    deleted = 0
    for manifest in _ended(store):
        for key in (manifest.key, *objects_of(place, manifest)):
            if place.size(key) is not None:
                place.delete(key)
                deleted += 1
    return deleted


def undeleted(store: ObjectStore) -> list[str]:
    """Return the keys of objects that were purged and that the store still has. Raises StoreError."""
    keys = (key for manifest in _ended(store) for key in objects_of(store, manifest))
    return [key for key in keys if store.size(key) is not None]


def _ended(store: ObjectStore) -> list[Manifest]:
    """Return the manifests whose place a purge has freed."""
    return [one for one in purged_manifests(store) if store.size(one.key) is None]


def objects_of(store: ObjectStore, manifest: Manifest) -> list[str]:
    """Return the keys of all objects of a segment but its manifest, also of texts that were extracted again."""
    again = f"{REREADS}{escaped(manifest.collection)}/{escaped(manifest.segment)}/"
    return [*(entry.key for entry in manifest.objects), *store.keys(again)]
