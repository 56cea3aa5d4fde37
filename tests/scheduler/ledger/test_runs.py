"""How runs are requested, and what the ledger says of them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from services.ledgers import NOON, Ledger, kept, tick

from config.source import Source
from crawler.policy.order import Counts
from scheduler.run import LOOSE, UnknownRun


def test_a_run_is_requested_taken_seen_and_over(ledger: Ledger) -> None:
    asked = ledger.request("a")
    epoch = ledger.epochs.begin("main")
    ledger.time.passes(seconds=1)
    taken = ledger.take(epoch)
    described = Source(name="a", seeds=("https://example.org/",), walk="page", use="research")
    ledger.runs.configured(taken, described)
    ledger.runs.seen(epoch, {taken.id: Counts(pages=1, captures=2, queued=7)})
    seen = ledger.runs.get(asked.id)
    ledger.time.passes(seconds=1)
    over = ledger.runs.finish(taken, kept(reason="all of it", bytes=100))

    assert (asked.status, taken.status, seen.status, over.status) == ("queued", "running", "running", "over")
    assert seen.counts == Counts(pages=1, captures=2, queued=7)
    assert over == ledger.runs.get(asked.id)
    assert (over.outcome, over.reason, over.counts.bytes, over.config_hash) == (
        "done",
        "all of it",
        100,
        described.config_hash,
    )
    assert (over.config_hash, over.use) == (described.config_hash, "research")
    assert (over.requested_at, over.started_at, over.ended_at) == (NOON, NOON + timedelta(seconds=1), ledger.time())
    assert [event.kind for event in ledger.events.after()] == ["run.queued", "run.started", "run.over"]


def test_single_pages_of_no_described_source_leave_the_use_that_was_described(ledger: Ledger) -> None:
    used = []
    for source, use in ((LOOSE, "preservation"), (LOOSE, None), ("a", "preservation"), ("a", None)):
        ledger.runs.request(source, url="https://example.org/")
        run = ledger.take(ledger.epochs.begin("main"))
        described = Source(name=source, seeds=("https://example.org/",), walk="page", use=use)
        ledger.runs.configured(run, described)
        ledger.runs.finish(run, kept())
        ledger.time.passes(seconds=1)
        used.append(ledger.runs.last_use(source))

    assert used == ["preservation", "preservation", "preservation", None]


def test_a_run_id_contains_its_time_and_source(ledger: Ledger) -> None:
    assert re.fullmatch(r"20261124T120000Z-zgc-forum-[0-9a-f]{6}", ledger.request("zgc-forum").id)


def test_requesting_again_returns_the_queued_run(ledger: Ledger) -> None:
    first = ledger.request("a")

    assert ledger.request("a") == first
    assert ledger.request("b") != first


def test_requesting_during_an_active_run_queues_one_more(ledger: Ledger) -> None:
    ledger.request("a")
    running = ledger.take()
    second = ledger.request("a")

    assert second.id != running.id
    assert ledger.request("a") == second


def test_a_run_of_everything_differs_from_the_usual_one(ledger: Ledger) -> None:
    usual, whole = ledger.request("a"), ledger.runs.request("a", everything=True)
    again = ledger.runs.request("a", everything=True)

    assert whole is not None
    assert (whole.everything, usual.everything) == (True, False)
    assert whole.id != usual.id
    assert again == whole
    assert [ledger.runs.get(run.id).everything for run in (usual, whole)] == [False, True]


def test_single_urls_are_queued_separately(ledger: Ledger) -> None:
    one, two, again = (ledger.runs.request(url=f"https://example.org/{path}") for path in ("1", "2", "1"))

    assert one is not None
    assert two is not None
    assert one == again
    assert one.id != two.id
    assert (one.source, one.url) == (LOOSE, "https://example.org/1")


def test_a_slot_has_one_run_however_often_it_strikes(ledger: Ledger) -> None:
    first = ledger.request("a", tick())
    ledger.runs.finish(ledger.take(), kept())

    assert ledger.runs.request("a", tick()) is None
    assert [run.id for run in ledger.runs.list()] == [first.id]


def test_the_database_itself_refuses_a_second_run_of_a_slot(ledger: Ledger) -> None:
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    from archive.database.schema import runs, slots

    ledger.request("a", tick())
    row = {"source": "a", "requested_at": NOON, "status": "queued", "attempt": 1, "cancel": False}
    with pytest.raises(IntegrityError), ledger.database.writing() as connection:
        connection.execute(insert(runs).values(id="x", tick=NOON, **row))
    with pytest.raises(IntegrityError), ledger.database.writing() as connection:
        connection.execute(insert(slots).values(source="a", at=NOON, state="queued", noted_at=NOON))


def test_a_run_in_full_differs_from_one_of_everything(ledger: Ledger) -> None:
    whole = ledger.runs.request("a", everything=True)
    full, again = (ledger.runs.request("a", everything=True, in_full=True) for _ in range(2))

    assert whole is not None
    assert full is not None
    assert full == again != whole
    assert [ledger.runs.get(run.id).in_full for run in (whole, full)] == [False, True]


def test_an_unknown_run_is_reported(ledger: Ledger) -> None:
    with pytest.raises(UnknownRun, match="no run with the id x"):
        ledger.runs.get("x")
    with pytest.raises(UnknownRun):
        ledger.runs.cancel("x")
