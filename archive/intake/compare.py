"""Compare the index with the store: which manifests are missing in either."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.warc.keys import MANIFESTS, escaped

if TYPE_CHECKING:
    from archive.index.segments import Segments
    from archive.store import ObjectStore

_MOST_ASKED = 1_000
"""More manifests than a list may lag behind by: they are missing, and not asked for one by one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The keys of missing manifests, in the order of the store."""

    unknown: tuple[str, ...]
    """In the store, and not in the index: captures that nobody finds."""
    missing: tuple[str, ...]
    """In the index, and not in the store: the store has lost them."""

    def without(self, segments: Iterable[str]) -> Compared:
        """Leave out unknown manifests of these segments: the spool still has them, and shipping will index them."""
        shipped = {escaped(name) for name in segments}
        return Compared(tuple(key for key in self.unknown if _segment_in(key) not in shipped), self.missing)


def compare(store: ObjectStore, index: Segments) -> Compared:
    """Compare the keys of all manifests; no manifest is read. Raises StoreError, DatabaseUnusable.

    It queries the index before and after listing the store: a segment committed in between is in neither result.
    The lists of some stores lag behind, so a manifest that is not listed is requested by its key.
    """
    before = index.manifest_keys()
    there = list(store.keys(MANIFESTS))
    known = index.manifest_keys()
    return Compared(
        tuple(key for key in there if key not in known),
        _missing(store, sorted(before.difference(there))),
    )


def _missing(store: ObjectStore, unlisted: Sequence[str]) -> tuple[str, ...]:
    if len(unlisted) > _MOST_ASKED:
        return tuple(unlisted)
    return tuple(key for key in unlisted if store.size(key) is None)


def _segment_in(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
