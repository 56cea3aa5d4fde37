"""Bring back the items of users' spiders that the store has, and the runs that they belong to."""

from __future__ import annotations

from pressmark.service.service import Service
from scheduler.ledger.restored_runs import restore


def bring_items_back(service: Service) -> int:
    """Index the items that the index lacks, restore the runs that the ledger lacks; return of how many runs.

    Raises StoreError, DatabaseUnusable.
    """
    known, brought = service.runs.giving(), 0
    for run, items in service.items.index(known):
        restore(service.database, run, items)
        brought += 1
    return brought
