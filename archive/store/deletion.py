"""Delete objects for good: with their former versions, and from replicas."""

from __future__ import annotations

from archive.store.protocol import ObjectStore, Versioned
from archive.store.replicated import first_of, replicas_of


def delete_for_good(target: ObjectStore, key: str) -> None:
    """Delete an object, and its former versions where the store keeps versions. Raises StoreError."""
    target.delete(key)
    if isinstance(target, Versioned):
        target.delete_versions(key)


def delete_everywhere(store: ObjectStore, key: str) -> None:
    """Delete an object for good from a store and its replicas, from these first: until then, the store lists it.

    Raises StoreError.
    """
    for each in (*replicas_of(store).values(), first_of(store)):
        delete_for_good(each, key)
