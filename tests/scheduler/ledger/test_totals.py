"""Sums over the ledger equal its rows, and cost the same however many runs are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from services.databases import SQLITE_ONLY
from services.ledgers import NOON, Ledger, kept, open_ledger
from specimens.histories import STEPS, SUMS, Step, live
from specimens.plans import asked, plan
from sqlalchemy import Column, MetaData, Table, create_engine, insert, inspect, select

from archive.database.engine import open_database
from archive.database.migrate import alembic_config, upgrade
from archive.database.schema import runs
from scheduler.ledger.totals import Day, Total, by_day, last_successes, totals


def recounted(rows: Sequence[Any]) -> set[Total]:
    """Return the same, computed from the rows of the ledger."""
    found: dict[tuple[str, str | None], list[Any]] = {}
    for row in rows:
        found.setdefault((row.source, row.outcome), []).append(row)
    return {
        Total(
            *of,
            runs=len(these),
            **{name: sum(getattr(row, name) for row in these) for name in SUMS},
            last=max(row.ended_at for row in these) if of[1] else None,
        )
        for of, these in found.items()
    }


def rows_of(ledger: Ledger) -> Sequence[Any]:
    with ledger.database.reading() as connection:
        return connection.execute(select(runs)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_totals_are_the_sums_of_the_rows_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    ledger = open_ledger(tmp_path_factory.mktemp("a") / "a.db")
    live(ledger, steps)
    found, rows = totals(ledger.database), rows_of(ledger)
    ledger.database.close()

    assert (len(found), set(found)) == (len(recounted(rows)), recounted(rows))


def test_a_page_archived_by_hand_is_not_a_success_of_its_source(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    assert ledger.runs.request("a", url="https://a.example.org/")
    ledger.runs.finish(ledger.take(epoch), kept())

    assert [(total.source, total.outcome, total.runs) for total in totals(ledger.database)] == [("a", "done", 1)]
    assert last_successes(totals(ledger.database)) == {}


def test_the_last_success_is_of_a_run_that_archived_something(ledger: Ledger) -> None:
    live(ledger, [("ask", "a"), ("take", None), ("finish", {"outcome": "done", "captures": 1})])
    at = ledger.time()
    live(ledger, [("ask", "a"), ("take", None), ("finish", {"outcome": "failed"})])

    assert last_successes(totals(ledger.database)) == {"a": at}


def test_the_totals_of_an_older_database_are_those_of_its_rows(tmp_path: Path) -> None:
    old = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with old.begin() as connection:
        command.upgrade(alembic_config(connection), "0016")
    ledger = open_ledger(tmp_path / "b.db")
    history = [("ask", "a"), ("take", None), ("finish", {"outcome": "done", "captures": 3, "bytes": 7}), ("ask", "b")]
    live(ledger, history * 3)
    with old.begin() as connection:
        had = {column["name"] for column in inspect(connection).get_columns("runs")}
        columns = [Column(column.name, column.type) for column in runs.c if column.name in had]
        old_runs = Table("runs", MetaData(), *columns)
        rows = [{key: value for key, value in row._asdict().items() if key in had} for row in rows_of(ledger)]
        connection.execute(insert(old_runs), rows)
    upgrade(old)
    old.dispose()
    migrated = open_database(f"sqlite:///{tmp_path / 'a.db'}")

    assert set(totals(migrated)) == set(totals(ledger.database)) == recounted(rows_of(ledger))
    assert {each.outcome for each in totals(migrated)} == {"done", None}
    for database in (migrated, ledger.database):
        database.close()


@SQLITE_ONLY
def test_totals_read_no_finished_run(ledger: Ledger) -> None:
    with asked(ledger.database) as statements:
        totals(ledger.database)
    over, unfinished = [plan(ledger.database, *each) for each in statements if each[0].startswith("SELECT")]

    assert over == "SCAN run_totals"
    assert "SEARCH runs USING INDEX ix_runs_status_requested_at (status=?)" in unfinished
    assert "SCAN runs" in plan(ledger.database, "SELECT sum(bytes) FROM runs", ())


def test_a_clock_that_is_set_back_removes_no_success(ledger: Ledger) -> None:
    for minutes in (0, -30):
        ledger.request("a")
        run = ledger.take()
        ledger.time.passes(minutes=minutes)
        ledger.runs.finish(run, kept())

    assert [(each.runs, each.last) for each in totals(ledger.database)] == [(2, NOON)]


def test_days_are_the_sums_of_the_runs_requested_on_them(ledger: Ledger) -> None:
    facts = {"outcome": "done", "captures": 5, "revisits": 3, "bytes": 7}
    for _ in range(2):
        live(ledger, [("ask", "a"), ("take", None), ("finish", facts)])
    ledger.time.passes(days=3)
    live(ledger, [("ask", "a"), ("take", None), ("finish", facts), ("ask", "b"), ("take", None), ("finish", facts)])
    ledger.runs.request("a", url="https://a.example.org/")
    days = by_day(ledger.database, "a", NOON - timedelta(days=1))

    assert days == [Day(NOON.date(), 2, 10, 4, 14), Day(NOON.date() + timedelta(days=3), 1, 5, 2, 7)]
    assert by_day(ledger.database, "a", NOON + timedelta(days=1)) == days[1:]
    assert by_day(ledger.database, "nobody", NOON) == []


@SQLITE_ONLY
def test_days_read_the_runs_of_one_source_since_a_time(ledger: Ledger) -> None:
    with asked(ledger.database) as statements:
        by_day(ledger.database, "a", NOON)
    [told] = [plan(ledger.database, *each) for each in statements if each[0].startswith("SELECT")]

    assert "SEARCH runs USING INDEX ix_runs_source_requested_at (source=? AND requested_at>?)" in told
