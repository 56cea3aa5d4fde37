"""How runs are cancelled: waiting ones, active ones, and those whose worker stops."""

from __future__ import annotations

from services.ledgers import Ledger, kept, tick

from crawler.policy.order import Counts, Outcome


def test_a_queued_run_is_cancelled_at_once(ledger: Ledger) -> None:
    asked = ledger.request("a", tick())
    over = ledger.runs.cancel(asked.id, "not today")

    assert (over.status, over.outcome, over.reason) == ("over", "cancelled", "not today")
    assert ledger.states() == [("24 12:00", "failed", "cancelled: not today")]


def test_a_run_that_is_cancelled_without_a_reason_says_so(ledger: Ledger) -> None:
    asked, other = ledger.request("a"), ledger.request("b")
    epoch = ledger.epochs.begin("main")
    active = ledger.take(epoch)
    waiting = other if active.id == asked.id else asked

    assert [ledger.runs.cancel(run.id).reason for run in (active, waiting)] == ["cancelled", "cancelled"]
    assert ledger.runs.seen(epoch, {}) == {active.id: "cancelled"}


def test_the_worker_of_an_active_run_is_asked_to_end_it(ledger: Ledger) -> None:
    ledger.request("a")
    epoch = ledger.epochs.begin("main")
    taken = ledger.take(epoch)
    assert ledger.runs.seen(epoch, {}) == {}

    assert ledger.runs.cancel(taken.id, "enough").status == "running"
    assert ledger.runs.seen(epoch, {taken.id: Counts()}) == {taken.id: "enough"}
    assert ledger.runs.finish(taken, kept("cancelled", reason="enough")).outcome == "cancelled"


def test_a_cancelled_run_does_not_return_when_its_worker_stops_or_dies(ledger: Ledger) -> None:
    for name in ("stops", "dies"):
        ledger.request(name)
    epoch = ledger.epochs.begin("main")
    stops, dies = ledger.take(epoch), ledger.take(epoch)
    for run in (stops, dies):
        ledger.runs.cancel(run.id, "enough")
    ledger.runs.finish(stops, Outcome(outcome="interrupted"))
    ledger.time.passes(seconds=61)
    ledger.runs.recover()

    assert {ledger.runs.get(run.id).outcome for run in (stops, dies)} == {"cancelled"}
