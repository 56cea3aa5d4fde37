"""What becomes of the runs of workers that died, hung or were killed."""

from __future__ import annotations

import pytest
from services.ledgers import Ledger, kept, tick

from scheduler.run import StaleEpoch


def test_the_runs_of_a_dead_worker_return_to_the_queue(ledger: Ledger) -> None:
    asked = ledger.request("a")
    taken = ledger.take()
    ledger.time.passes(seconds=59)
    assert ledger.runs.recover() == []
    ledger.time.passes(seconds=2)
    (back,) = ledger.runs.recover()

    assert back == ledger.runs.get(asked.id)
    assert (back.status, back.attempt) == ("queued", 2)
    assert back.reason == (
        f"the run was interrupted, as the crawling process main (epoch {taken.epoch}) ended or stopped "
        "responding; the run continues automatically"
    )
    assert ledger.runs.recover() == []


def test_a_new_epoch_of_a_worker_ends_the_old_one_at_once(ledger: Ledger) -> None:
    ledger.request("a")
    old = ledger.take()
    ledger.epochs.begin("main")
    ledger.runs.recover()

    assert ledger.runs.get(old.id).attempt == 2


def test_after_too_many_deaths_a_run_has_failed(ledger: Ledger) -> None:
    asked = ledger.request("a", tick())
    for _ in range(3):
        ledger.take()
        ledger.time.passes(seconds=61)
        ledger.runs.recover()
    over = ledger.runs.get(asked.id)

    assert (over.status, over.outcome, over.attempt) == ("over", "failed", 3)
    assert over.reason is not None
    assert over.reason.endswith(
        "ended or stopped responding; this was attempt 3 of 3, and Pressmark does not try again; to try again, "
        "start another run"
    )
    assert [state for _, state, _ in ledger.states()] == ["failed"]


def test_the_runs_of_live_workers_are_left_alone(ledger: Ledger) -> None:
    for name in ("a", "b"):
        ledger.request(name)
    dead, alive = ledger.epochs.begin("one"), ledger.epochs.begin("two")
    lost, going = ledger.take(dead), ledger.take(alive)
    ledger.time.passes(seconds=50)
    ledger.runs.seen(alive, {})
    ledger.time.passes(seconds=20)

    assert [run.id for run in ledger.runs.recover()] == [lost.id]
    assert ledger.runs.get(going.id).status == "running"


def test_the_runs_of_a_known_dead_worker_are_taken_back_with_the_reason(ledger: Ledger) -> None:
    ledger.request("a")
    ledger.request("b")
    mine, other = ledger.take(), ledger.take(worker="other")

    [taken] = ledger.runs.requeue("main", "the crawling process made no progress for 30 seconds")

    reason = (
        "the run was interrupted: the crawling process made no progress for 30 seconds; the run continues automatically"
    )
    assert (taken.id, taken.status, taken.reason, taken.attempt) == (mine.id, "queued", reason, 2)
    assert ledger.runs.get(other.id).status == "running"
    with pytest.raises(StaleEpoch):
        ledger.runs.finish(mine, kept())


def test_a_run_of_a_killed_crawl_of_scrapy_is_not_queued_again(ledger: Ledger) -> None:
    ledger.request("a")
    ledger.take(worker="scrapy-2")

    [taken] = ledger.runs.requeue("scrapy-2", "it was killed")

    assert (taken.status, taken.outcome) == ("over", "failed")
    assert taken.reason == "the run was interrupted: it was killed; its captures are safe: start it with Scrapy again"
