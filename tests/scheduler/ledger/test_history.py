"""Reading the ledger: pages and filters."""

from __future__ import annotations

import pytest
from services.ledgers import Ledger, kept

from scheduler.run import UnknownRun


def test_the_history_is_paged_by_the_last_run_of_a_page(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    for number in range(25):
        ledger.request(f"s{number}")
        if number % 3 == 0:
            ledger.time.passes(seconds=1)  # several are requested in the same moment
    whole = ledger.runs.list(limit=100)
    paged, before = [], None
    while page := ledger.runs.list(limit=4, before=before):
        paged += page
        before = page[-1].id

    assert paged == whole
    assert len(whole) == 25
    assert [run.requested_at for run in whole] == sorted((run.requested_at for run in whole), reverse=True)
    assert ledger.runs.claim("main", epoch) == ledger.runs.list(status="running")[0]


def test_the_history_is_filtered(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    for source, outcome in (("a", "done"), ("a", "failed"), ("b", "blocked")):
        ledger.request(source)
        ledger.runs.finish(ledger.take(epoch), kept(outcome, bytes=10))
        ledger.time.passes(seconds=1)
    waiting = ledger.request("b")

    assert [run.outcome for run in ledger.runs.list(source="a")] == ["failed", "done"]
    assert [run.source for run in ledger.runs.list(outcomes=["failed", "blocked"])] == ["b", "a"]
    assert ledger.runs.list(status="queued") == ledger.runs.unfinished() == [waiting]
    latest = ledger.runs.latest(["a", "b", "c"])
    assert {source: run.outcome for source, run in latest.items()} == {"a": "failed", "b": "blocked"}
    strips = ledger.runs.recent(["a", "b", "c"], 2)
    assert {source: [mark.outcome for mark in strip] for source, strip in strips.items()} == {
        "a": ["done", "failed"],
        "b": ["blocked"],
        "c": [],
    }
    assert [mark.outcome for mark in ledger.runs.recent(["a"], 1)["a"]] == ["failed"]
    assert ledger.runs.latest([]) == ledger.runs.recent([], 2) == {}
    assert (ledger.runs.received("a"), ledger.runs.received("c")) == (20, 0)


def test_a_run_of_one_page_does_not_count_for_the_state_of_its_source(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    ledger.request("a")
    crawl = ledger.runs.finish(ledger.take(epoch), kept("unchanged"))
    for source in ("a", "b"):
        ledger.time.passes(seconds=1)
        assert ledger.runs.request(source, url="https://a.example.org/nope")
        ledger.runs.finish(ledger.take(epoch), kept("empty", captures=1))

    assert ledger.runs.latest(["a", "b"]) == {"a": crawl}
    assert [mark.outcome for mark in ledger.runs.recent(["a"], 5)["a"]] == ["unchanged"]
    assert [run.outcome for run in ledger.runs.list(source="a")] == ["empty", "unchanged"]


def test_a_page_after_an_unknown_run_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UnknownRun):
        ledger.runs.list(before="x")
