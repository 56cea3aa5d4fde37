"""Rows of finished runs, by day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert

from archive.database.engine import Database
from archive.database.schema import runs

_numbers = count()


def ran(database: Database, now: datetime, days: Mapping[str, Collection[int]], **more: Any) -> None:
    """Insert a run of each source on each of its days: 0 is the day that ends `now`, 1 the one before."""
    rows = [
        {
            "id": f"day-{next(_numbers)}",
            "source": source,
            "status": "over",
            "outcome": "done",
            "attempt": 1,
            "requested_at": now - day * timedelta(days=1) - timedelta(hours=3),
            "captures": 1,
            **more,
        }
        for source, those in days.items()
        for day in those
    ]
    with database.writing() as connection:
        connection.execute(insert(runs), rows)
