"""How the database executes the queries of pages: it never scans a ledger of years."""

from __future__ import annotations

from typing import Any

from services.databases import SQLITE_ONLY
from services.ledgers import Ledger
from specimens.plans import asked, plan
from sqlalchemy import text

from archive.database.engine import Database

pytestmark = SQLITE_ONLY


def questions(statements: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [each for each in statements if each[0].lstrip().startswith(("SELECT", "WITH"))]


def looks_through(database: Database, statements: list[tuple[str, Any]]) -> list[str]:
    """Return the steps that scan all runs, or sort them."""
    steps = [step for each in questions(statements) for step in plan(database, *each).split("; ")]
    assert steps
    return [step for step in steps if step.startswith("SCAN runs") and "USING INDEX" not in step]


def test_the_runs_on_pages_are_found_by_an_index(ledger: Ledger) -> None:
    ledger.request("a")
    with asked(ledger.database) as statements:
        [run] = ledger.runs.list()
        ledger.runs.list(before=run.id)
        ledger.runs.list(source="a")
        ledger.runs.unfinished()
        ledger.runs.latest(["a"])
        ledger.runs.recent(["a"], 24)

    assert looks_through(ledger.database, statements) == []


def test_without_its_index_the_newest_runs_need_a_scan(ledger: Ledger) -> None:
    with ledger.database.writing() as connection:
        connection.execute(text("DROP INDEX ix_runs_requested_at_id"))
    with asked(ledger.database) as statements:
        ledger.runs.list()

    assert len(looks_through(ledger.database, statements)) == 1


def test_the_last_runs_of_any_number_of_sources_are_one_query(ledger: Ledger) -> None:
    sources = [f"source-{number}" for number in range(40)]
    with asked(ledger.database) as statements:
        ledger.runs.latest(sources)
        ledger.runs.recent(sources, 24)

    assert len(questions(statements)) == 2
    assert looks_through(ledger.database, statements) == []
