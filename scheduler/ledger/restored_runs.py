"""Runs that a lost ledger knew and the store still tells of: those of users' spiders, by the items that they gave."""

from __future__ import annotations

import json

from archive.database.engine import Database
from archive.database.schema import runs
from archive.database.statements import insert_missing
from archive.index.run_captures import tallied
from archive.values.plural import counted
from archive.values.run_id import requested_at, source_of_run
from crawler.policy.order import Counts
from scheduler.ledger import totals
from scheduler.ledger.history import get
from scheduler.run import standing_row


def restore(database: Database, run: str, items: int) -> None:
    """Write down a run that gave `items`, with what the index knows of its captures; a known run stays as it is.

    How it ended is lost with the ledger, so it is partial, and says so. Raises ValueError for what is not the id of a
    run.
    """
    there, began = tallied(database, run), requested_at(run)
    counts = Counts(pages=there.pages, captures=there.captures, revisits=there.revisits, bytes=there.bytes)
    held = f"{counted(there.captures, 'capture')} and {counted(items, 'item')}"
    values = {
        "id": run,
        "source": source_of_run(run),
        "status": "over",
        "outcome": "partial",
        "reason": f"restored from the store with {held}: how it ended was lost with the database",
        "attempt": 1,
        "requested_at": began,
        "started_at": began,
        "ended_at": there.last or began,
        "cancel": False,
        "spider": json.dumps({"items": items, "stats": {}}),
        **standing_row(counts),
    }
    with database.writing() as connection:
        if connection.execute(insert_missing(connection, runs, "id").values(values)).rowcount:
            totals.add(connection, get(connection, run))
