"""How the database goes about the questions that pages ask: a ledger of years is never looked through."""

from __future__ import annotations

from typing import Any

from services.ledgers import Ledger
from specimens.plans import asked, plan
from sqlalchemy import text

from archive.database.engine import Database


def looks_through(database: Database, statements: list[tuple[str, Any]]) -> list[str]:
    """The plans that look at all runs, or sort them."""
    plans = [plan(database, *each) for each in statements if each[0].lstrip().startswith("SELECT")]
    assert plans
    return [each for each in plans if each.startswith("SCAN runs") and "USING INDEX" not in each]


def test_the_runs_that_pages_show_are_found_by_an_index(ledger: Ledger) -> None:
    ledger.request("a")
    with asked(ledger.database) as statements:
        [run] = ledger.runs.list()
        ledger.runs.list(before=run.id)
        ledger.runs.list(source="a")
        ledger.runs.unfinished()
        ledger.runs.latest(["a"])
        ledger.runs.recent(["a"], 24)

    assert looks_through(ledger.database, statements) == []


def test_without_its_index_the_newest_runs_are_looked_for_among_all(ledger: Ledger) -> None:
    with ledger.database.writing() as connection:
        connection.execute(text("DROP INDEX ix_runs_requested_at_id"))
    with asked(ledger.database) as statements:
        ledger.runs.list()

    assert len(looks_through(ledger.database, statements)) == 1
