"""Exports in the store that have what a purge has deleted: they are cancelled and deleted, too."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from pressmark.service.readers import batches_of
from scheduler.ledger.batch_values import BatchIsOver, UnknownBatch

if TYPE_CHECKING:
    from pressmark.service.service import Service


def delete_exports_of(service: Service, records: Iterable[str]) -> list[str]:
    """Delete the exports that have some of these records, which the index has no more; return their ids.

    One that nobody has planned yet is cancelled: its plan may be from before. Raises StoreError, DatabaseUnusable.
    """
    from archive.export.parts.stored import StoredExport, exports_in, has_records

    batches, gone = batches_of(service), frozenset(records)
    unplanned = {one.id for one in batches.open() if one.kind == "export" and batches.progress(one.id).total == 1}
    deleted = list[str]()
    for id_ in sorted(unplanned.union(exports_in(service.store))):
        stored = StoredExport(service.store, id_)
        if id_ in unplanned or has_records(stored, gone):
            with suppress(UnknownBatch, BatchIsOver):
                batches.cancel(id_)
            stored.delete()
            deleted.append(id_)
    return deleted
