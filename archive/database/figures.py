"""Store what processes counted (`archive.values.counters`): sums over all processes since the database was created."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from archive.database.engine import Database
from archive.database.schema import figures
from archive.database.statements import insert_or_add
from archive.database.writers import retried
from archive.values.counters import Figures, Key

Sums = Mapping[str, Mapping[tuple[str, ...], float]]
"""By figure, then by labels."""


def add(connection: Connection, counted: Iterable[tuple[Key, float]]) -> None:
    """Add to the sums, in the transaction of the caller."""
    rows = [{"name": str(name), "labels": json.dumps(labels), "value": value} for (name, labels), value in counted]
    if rows:
        rows.sort(key=lambda row: (row["name"], row["labels"]))  # two that add to the same ones wait in this order
        connection.execute(insert_or_add(connection, figures, "value"), rows)


@retried
def write(database: Database, counted: Figures) -> None:
    """Add what a process has counted, in a new transaction; do nothing if it counted nothing."""
    with counted.drained() as taken:
        if taken:
            with database.beside() as connection:
                add(connection, taken.items())


def sums(database: Database) -> Sums:
    found: defaultdict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    with database.reading() as connection:
        for row in connection.execute(select(figures)):
            found[row.name][tuple(json.loads(row.labels))] = row.value
    return found
