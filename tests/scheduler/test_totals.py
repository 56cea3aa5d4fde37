"""Sums over the ledger say what its rows say, and are read from an index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from archive.database.engine import Database, open_database
from archive.database.schema import runs
from scheduler.totals import Total, last_successes, totals

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
OUTCOMES = ("done", "unchanged", "partial", "empty", "failed", "blocked", "limited", "cancelled", None)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    yield database
    database.close()


def ledger(count: int) -> list[dict[str, Any]]:
    chance, rows = random.Random(1), []
    for number in range(count):
        at, outcome = NOON + timedelta(minutes=number), chance.choice(OUTCOMES)
        facts = {name: chance.randrange(50) for name in ("captures", "revisits", "failures", "bytes")}
        status = "over" if outcome else chance.choice(("queued", "running"))
        ended = {"outcome": outcome, "ended_at": at if outcome else None}
        source = f"s{chance.randrange(9)}"
        row = {"id": f"r{number}", "source": source, "status": status, "attempt": 1, "requested_at": at, **ended}
        rows.append(row | facts)
    return rows


def summed(rows: list[dict[str, Any]]) -> set[Total]:
    found: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["source"], row["outcome"]), []).append(row)
    names = ("captures", "revisits", "failures", "bytes")
    return {
        Total(
            source,
            outcome,
            len(these),
            **{name: sum(row[name] for row in these) for name in names},
            last=these[-1]["ended_at"],
        )
        for (source, outcome), these in found.items()
    }


def test_totals_are_the_sums_of_the_rows(database: Database) -> None:
    rows = ledger(3_000)
    with database.writing() as connection:
        connection.execute(insert(runs), rows)

    found = totals(database)

    assert (len(found), set(found)) == (len(summed(rows)), summed(rows))
    good = [row for row in rows if row["outcome"] in ("done", "unchanged", "partial", "limited")]
    assert last_successes(found) == {row["source"]: row["ended_at"] for row in good}


def test_no_row_of_a_run_that_is_over_is_read_for_them(database: Database) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    totals(database)
    with database.reading() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all() for sql, given in asked[-2:]]

    assert "COVERING INDEX ix_runs_over" in str(plans[0])
    assert "SEARCH runs USING INDEX ix_runs_status_requested_at" in str(plans[1])
    assert "ix_runs_over" not in str(plans[1])
    with database.writing() as connection:
        connection.execute(text("DROP INDEX ix_runs_over"))
    with database.reading() as connection:
        assert "COVERING" not in str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all())
