"""Rows for a purge: what is in attached months alone gets rows before it is purged."""

from __future__ import annotations

from collections.abc import Collection

from archive.index.index import Index
from archive.index.months.naming import with_ids
from archive.intake.rebuild import Rebuild
from archive.store import ObjectStore
from archive.warc.integrity.trust import Trust


def add_rows(index: Index, store: ObjectStore, trust: Trust, record_ids: Collection[str]) -> None:
    """Add the rows of the segments with these records that the database does not have. Repeating it is harmless.

    Raises StoreError, DatabaseUnusable, PurgeUnderWay.
    """
    if not (months := index.months):
        return
    names = {row.segment for row in with_ids(months, record_ids)}
    named = (each for one in months.files() for each in one.month.segments.items())
    if keys := {segment.manifest_key for name, segment in named if name in names}:
        Rebuild(store, index, trust=trust).index_segments(sorted(keys), len(keys), covered=True)
