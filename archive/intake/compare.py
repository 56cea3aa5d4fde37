"""Compare the index with the store: which manifests are missing in either, and which lost rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.index.purges.purged_marks import unpurged
from archive.index.row_counts import fewer_captures, lacking_rows, uncounted
from archive.store.object_reader import octets_of
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.values.key_parts import escaped
from archive.warc.keys import MANIFESTS
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.database.engine import Database
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
    gone: tuple[str, ...] = ()
    """The same, and the store has lost the WARC as well: nothing brings the rows back."""

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
    """Compare the keys of all manifests. Raises StoreError, DatabaseUnusable.

    A manifest is read only if the rows of its segment have no count yet: it says how many captures there should be.

    It queries the index before and after listing the store: a segment committed in between is in neither result.
    The lists of some stores lag behind, so a manifest that is not listed is requested by its key.
    """
    before = index.manifest_keys()
    there = list(store.keys(MANIFESTS))
    known = index.manifest_keys()
    lacking = (lacking_rows(index.database).keys() | _short(store, index.database)) & set(there)
    gone = frozenset(_without_warc(store, index, lacking))
    unknown = [key for key in there if key not in known]
    return ComparisonResult(
        tuple(unpurged(index.database, unknown)),
        absent(store, sorted(before.difference(there))),
        tuple(sorted(lacking - gone)),
        tuple(sorted(gone)),
    )


def captures_by_manifest(store: ObjectStore, keys: Mapping[str, str]) -> dict[str, int]:
    """Return how many captures these segments have, by their manifests. Raises StoreError.

    `keys` are the keys of the manifests by segment. A missing or damaged manifest, which `verify` reports, counts as 0.
    """
    return {segment: _captures_in(store, key) for segment, key in keys.items()}


def _short(store: ObjectStore, database: Database) -> set[str]:
    """Return the manifests of uncounted segments of which the index has fewer captures."""
    never = uncounted(database)
    return {never[segment] for segment in fewer_captures(database, captures_by_manifest(store, never))}


def _captures_in(store: ObjectStore, key: str) -> int:
    try:
        return Manifest.parse(octets_of(store, key), key).captures
    except (IntegrityError, ObjectNotFound):
        return 0


def _without_warc(store: ObjectStore, index: Segments, manifests: Collection[str]) -> Iterator[str]:
    """Yield the manifests whose WARC the store has lost."""
    if manifests:
        for row in index.segments("committed", "releasing", "released"):
            key = row.manifest_key
            if key and key in manifests and row.object_key and store.size(row.object_key) is None:
                yield key


def absent(store: ObjectStore, unlisted: Sequence[str]) -> tuple[str, ...]:
    """Return which objects the store lacks, of those that its list, which may lag behind, does not show.

    Raises StoreError.
    """
    if len(unlisted) > _MOST_ASKED:
        return tuple(unlisted)
    return tuple(key for key in unlisted if store.size(key) is None)


def _segment_in(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")
