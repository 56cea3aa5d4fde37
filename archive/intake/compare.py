"""Compare the index with the store: which manifests are missing in either, and which lost rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.index.row_counts import lacking_rows
from archive.warc.keys import MANIFESTS, escaped

if TYPE_CHECKING:
    from archive.index.segments import Segments
    from archive.store import ObjectStore

_MOST_ASKED = 1_000
"""A larger number of unlisted manifests does not come from a lagging list: then they are not requested one by one."""


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """The keys of missing manifests, in the order of the store."""

    unknown: tuple[str, ...]
    """In the store, and not in the index: their captures can't be found."""
    missing: tuple[str, ...]
    """In the index, and not in the store: the store has lost them."""
    incomplete: tuple[str, ...] = ()
    """In both, and rows of them were deleted from the index."""

    @property
    def to_import(self) -> tuple[str, ...]:
        """What brings all rows back."""
        return (*self.unknown, *self.incomplete)

    def without(self, segments: Iterable[str]) -> ComparisonResult:
        """Leave out unknown manifests of these segments: the spool still has them, and shipping will index them."""
        shipped = {escaped(name) for name in segments}
        unknown = tuple(key for key in self.unknown if _segment_in(key) not in shipped)
        return replace(self, unknown=unknown)


def compare(store: ObjectStore, index: Segments) -> ComparisonResult:
    """Compare the keys of all manifests; no manifest is read. Raises StoreError, DatabaseUnusable.

    It queries the index before and after listing the store: a segment committed in between is in neither result.
    The lists of some stores lag behind, so a manifest that is not listed is requested by its key.
    """
    before = index.manifest_keys()
    there = list(store.keys(MANIFESTS))
    known = index.manifest_keys()
    return ComparisonResult(
        tuple(key for key in there if key not in known),
        _missing(store, sorted(before.difference(there))),
        tuple(sorted(lacking_rows(index.database).keys() & set(there))),
    )


def _missing(store: ObjectStore, unlisted: Sequence[str]) -> tuple[str, ...]:
    if len(unlisted) > _MOST_ASKED:
        return tuple(unlisted)
    return tuple(key for key in unlisted if store.size(key) is None)


def _segment_in(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
