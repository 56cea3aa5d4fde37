"""Make a home with a large database for pages: captures, texts, sources and the runs of years."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

from archive.database.engine import Database, open_database
from archive.database.schema import runs
from archive.index.index import Index
from benchmarks.retrieval.made import MORNING, make_rows
from benchmarks.search.made import SOURCES, make, source_of
from scheduler.ledger import totals
from scheduler.run import run_of

RUNS = 50_000
_SOURCE = """source: {name}
seeds:
  - https://www.{name}.example/
timetable:
  every: 6h
"""


def make_home(home: Path, captures: int, texts: int) -> None:
    """Make a home. The newest `texts` captures have a text; the others are rows alone."""
    (home / "sources").mkdir(parents=True)
    for number in range(SOURCES):
        name = source_of(number)
        (home / "sources" / f"{name}.yaml").write_text(_SOURCE.format(name=name))
    database = open_database(f"sqlite:///{home / 'pressmark.db'}")
    make_rows(database, Index(database, now=lambda: MORNING), captures - texts)
    make(database, texts)
    _make_runs(database)
    database.close()


def _make_runs(database: Database) -> None:
    """Make finished runs, one in ten of which failed."""
    rows = []
    for number in range(RUNS):
        at = MORNING + number * timedelta(minutes=10)
        outcome = "failed" if number % 10 == 0 else "done"
        rows.append(
            {
                "id": f"{at:%Y%m%d%H%M%S}-{number:06}", "source": source_of(number), "tick": at, "status": "over",
                "outcome": outcome, "reason": "no answer" if outcome == "failed" else None, "attempt": 1,
                "requested_at": at, "started_at": at, "seen_at": at, "ended_at": at + timedelta(minutes=5),
                "worker": "w", "epoch": 1, "pages": 20, "captures": 21, "revisits": 10, "failures": 0, "bytes": 400_000,
            }
        )  # fmt: skip
    with database.writing() as connection:
        connection.execute(insert(runs), rows)
        for row in connection.execute(select(runs)):
            totals.add(connection, run_of(row))
