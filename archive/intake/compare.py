"""Compare the index with the store: which manifests are missing in either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.warc.keys import MANIFESTS, escaped

if TYPE_CHECKING:
    from archive.index.segments import Segments
    from archive.store import ObjectStore


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
    """
    before = index.manifest_keys()
    there = list(store.keys(MANIFESTS))
    known = index.manifest_keys()
    return Compared(
        tuple(key for key in there if key not in known),
        tuple(sorted(before.difference(there))),
    )


def _segment_in(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
