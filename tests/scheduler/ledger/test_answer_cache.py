"""The last runs of each source are cached, and always equal those of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.ledgers import Ledger, open_ledger
from specimens.histories import SOURCES, STEPS, Step, live
from specimens.plans import asked

from scheduler.ledger.history import History

DONE: list[Step] = [("ask", "a"), ("take", None), ("finish", {"outcome": "done", "captures": 1})]


@contextmanager
def questions(ledger: Ledger) -> Iterator[list[str]]:
    """Return the tables that are read meanwhile."""
    tables: list[str] = []
    with asked(ledger.database) as statements:
        yield tables
    selects = (sql for sql, _ in statements if "SELECT" in sql)
    tables += ["run_totals" if "run_totals" in sql else "runs" for sql in selects]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(STEPS, max_size=12), max_size=6))
def test_the_cache_equals_a_new_reader_whatever_happened(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[Step]]
) -> None:
    ledger = open_ledger(tmp_path_factory.mktemp("a") / "a.db")
    try:
        for steps in parts:
            live(ledger, steps)
            new = History(ledger.database)
            assert ledger.runs.latest(SOURCES) == new.latest(SOURCES)
            assert ledger.runs.recent(SOURCES, 3) == new.recent(SOURCES, 3)
    finally:
        ledger.database.close()


def test_runs_are_read_again_only_when_another_is_over(ledger: Ledger) -> None:
    live(ledger, DONE)
    with questions(ledger) as first:
        [before] = ledger.runs.latest(SOURCES).values()
    with questions(ledger) as again:
        assert ledger.runs.latest(SOURCES) == {"a": before}
    live(ledger, DONE)
    with questions(ledger) as after:
        [latest] = ledger.runs.latest(SOURCES).values()

    assert (first, again, after) == (["run_totals", "runs"], ["run_totals"], ["run_totals", "runs"])
    assert latest.requested_at > before.requested_at
