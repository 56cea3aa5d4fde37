"""Check objects that no readable manifest names, by their keys.

A damaged manifest hides the names of its objects. But their keys end with their SHA-256, and the index knows the
segments, so damage and loss are found without the manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from archive.index.segments import SegmentRow
from archive.store import ObjectStore
from archive.texts.texts import Texts
from archive.values.digest import Sha256
from archive.warc.keys import CDXJS, TEXTS, WARCS, sha256_of_key

Expected = Callable[[str], Iterable[str]]
"""The keys that belong to a manifest, or their prefixes, by the key of the manifest."""

_KINDS = (WARCS, CDXJS, TEXTS)


def unnamed(store: ObjectStore, named: Collection[str]) -> Iterator[tuple[str, Sha256]]:
    """Yield the key of each object that is not in `named`, and the digest in the key. Raises StoreError."""
    for kind in _KINDS:
        for key in store.keys(kind):
            if key not in named and (digest := sha256_of_key(key)):
                yield key, digest


def gone(expected: Collection[str], held: Iterable[str]) -> Iterator[str]:
    """Yield each prefix in `expected` with which no key in `held` begins."""
    begins = {begin for key in held for begin in (key, _begin(key))} if expected else ()
    yield from (key for key in expected if key not in begins)


def expected_of(segments: Iterable[SegmentRow], texts: Texts) -> Expected:
    """Return what belongs to a manifest by the index: the key of the WARC, and the prefixes of its sidecars' keys."""
    rows = {row.manifest_key: row for row in segments}

    def expected(manifest: str) -> Iterator[str]:
        row = rows.get(manifest)
        if row is not None and row.object_key:
            when = _begin(row.object_key).removeprefix(WARCS)
            yield row.object_key
            yield CDXJS + when
            if texts.has(row.name):
                yield TEXTS + when

    return expected


def _begin(key: str) -> str:
    """Return a key up to the digest of its object."""
    return key.rpartition("-")[0]
