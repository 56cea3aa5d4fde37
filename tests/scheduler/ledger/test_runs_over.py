"""How runs end, and what stays of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.ledgers import Ledger, kept

from crawler.policy.order import Counts, Outcome
from scheduler.run import RunOver, honest


def test_a_run_that_archived_nothing_is_never_done(ledger: Ledger) -> None:
    ledger.request("a")
    over = ledger.runs.finish(ledger.take(), Outcome(outcome="done", pages=3))

    assert (over.outcome, over.reason) == ("empty", "the run archived nothing")


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("the run archived nothing", "the run archived nothing"),
        ("the run archived nothing; the site is closed", "the run archived nothing; the site is closed"),
        ("the site is closed", "the run archived nothing; the site is closed"),
    ],
)
def test_the_reason_of_a_run_that_archived_nothing_says_so_once(told: str, kept: str) -> None:
    assert honest(Outcome(outcome="partial", reason=told)) == ("empty", kept)


def test_a_run_that_found_only_what_is_archived_is_unchanged() -> None:
    why = "no new messages in the folder INBOX"
    assert honest(Outcome(outcome="unchanged", reason=why)) == ("unchanged", why)


endings = st.sampled_from(["done", "unchanged", "partial", "empty", "failed", "blocked", "limited", "cancelled"])


@given(endings, st.integers(0, 3), st.integers(0, 3), st.text(max_size=5))
def test_done_and_partial_runs_archived_something(ending: str, captures: int, pages: int, reason: str) -> None:
    told, why = honest(Outcome(outcome=ending, captures=captures, pages=pages, reason=reason))  # type: ignore[arg-type]

    assert captures > 0 or told not in ("done", "partial")
    assert told == ending or told == "empty"
    assert reason in (why or "")


def test_a_run_that_is_over_stays_unchanged(ledger: Ledger) -> None:
    ledger.request("a")
    taken = ledger.take()
    over = ledger.runs.finish(taken, kept())

    assert ledger.runs.finish(taken, kept("failed")) == over
    with pytest.raises(RunOver):
        ledger.runs.cancel(taken.id)
    assert ledger.runs.get(taken.id) == over


def test_an_interrupted_run_is_queued_again_unchanged(ledger: Ledger) -> None:
    asked = ledger.request("a")
    taken = ledger.take()
    ledger.runs.finish(taken, Outcome(outcome="interrupted", reason="the service stops", captures=5, queued=7))
    again = ledger.runs.get(asked.id)

    assert (again.status, again.attempt, again.epoch, again.reason) == ("queued", 1, None, "the service stops")
    assert (again.counts.captures, again.counts.queued) == (5, 7)
    assert ledger.take().started_at == taken.started_at
    kinds = [event.kind for event in ledger.events.after()]
    assert kinds == ["run.queued", "run.started", "run.interrupted", "run.started"]


def test_a_run_that_is_interrupted_without_a_reason_says_that_its_process_stopped(ledger: Ledger) -> None:
    asked = ledger.request("a")
    ledger.runs.finish(ledger.take(), Outcome(outcome="interrupted"))

    assert ledger.runs.get(asked.id).reason == "the crawling process stopped"


def test_a_run_keeps_its_completeness_and_the_figures_of_its_spider(ledger: Ledger) -> None:
    told, spider = {"threads": {"listed": 3, "archived": 2}}, {"items": 7, "stats": {"pages": 2}}
    ledger.request("a")
    ledger.runs.finish(ledger.take(), Outcome(outcome="interrupted", captures=1, completeness=told, spider=spider))
    again = ledger.take()
    over = ledger.runs.finish(again, Outcome(outcome="done", captures=1))

    assert (again.completeness, again.spider) == (told, spider)
    assert (over.completeness, over.spider) == (None, spider)


def test_a_run_shows_the_states_of_its_urls_at_the_last_beat(ledger: Ledger) -> None:
    ledger.request("a")
    epoch = ledger.epochs.begin("main")
    taken = ledger.take(epoch)
    assert taken.counts.tasks == {}

    ledger.runs.seen(epoch, {taken.id: Counts(queued=3, tasks={"pending": 2, "leased": 1})})
    assert ledger.runs.get(taken.id).counts.tasks == {"pending": 2, "leased": 1}

    over = ledger.runs.finish(taken, Outcome(outcome="done", captures=3, tasks={"pending": 0, "done": 3}))
    assert ledger.runs.get(taken.id).counts.tasks == over.counts.tasks == {"pending": 0, "done": 3}


def test_what_a_run_did_not_fetch_is_counted_by_reason(ledger: Ledger) -> None:
    ledger.request("a")
    taken = ledger.take()
    over = ledger.runs.finish(taken, Outcome(outcome="done", captures=3, dropped={"not-due": 71}))

    assert (taken.dropped, over.dropped) == ({}, {"not-due": 71})
    assert ledger.runs.get(over.id).dropped == {"not-due": 71}
