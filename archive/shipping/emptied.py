"""Recognize a store that has lost everything: its gaps prove nothing, and nothing may be written there.

The disk of a directory that is not mounted leaves an empty directory. What is written to it would disappear below the
disk once that is mounted again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.index.objects import FIRST, Objects
from archive.values.errors import StoreError
from archive.warc.keys import MANIFESTS

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.store import ObjectStore

_SAMPLE = 3


class StoreEmptied(StoreError):
    """A store has none of the manifests that it had: it is empty, or another one is in its place."""

    def __init__(self, place: str, had: int) -> None:
        """`had` is the number of manifests that the place had."""
        super().__init__(
            f"{place} has none of the manifests in the index: it may be a different store, or its disk is not mounted; "
            "mount or restore it, or run pressmark audit --share 1/1 --repair --refill to fill it from another copy"
        )
        self.had = had


def check_holds_ours(index: Index, place: str, store: ObjectStore) -> None:
    """Check that a place still has some of the manifests that it had; a new place passes.

    Raises StoreEmptied, and another StoreError if the store does not respond.
    """
    known = index.manifest_keys() if place == FIRST else Objects(index.database).keys_in(place, MANIFESTS)
    if not known or any(store.size(key) is not None for key in sorted(known)[-_SAMPLE:]):
        return
    if not any(key in known for key in store.keys(MANIFESTS)):
        raise StoreEmptied(place, len(known))
