"""All processes know a worker that has paused its crawling, and its runs show the reason."""

from __future__ import annotations

from services.ledgers import NOON, Ledger, kept

from scheduler.workers.halts import Halt, Halts

WHY = "back-pressure: the spool is 96% full"


def test_a_halt_is_listed_and_is_the_reason_of_the_runs_until_it_is_lifted(ledger: Ledger) -> None:
    halts, epoch = Halts(ledger.database, now=ledger.time), ledger.epochs.begin("main")
    ledger.request("a")
    ledger.request("b")
    run = ledger.take(epoch)
    assert (halts.all(), run.reason) == ([], None)
    halts.set("main", epoch, WHY)

    assert halts.all() == [Halt("main", NOON, WHY)]
    assert {found.source: found.reason for found in ledger.runs.list()} == {"a": WHY, "b": None}
    halts.lift("main", epoch, WHY)
    assert halts.all() == []
    assert ledger.runs.get(run.id).reason is None


def test_a_worker_that_ended_is_not_halted(ledger: Ledger) -> None:
    halts, epoch = Halts(ledger.database, now=ledger.time), ledger.epochs.begin("main")
    halts.set("main", epoch, WHY)
    ledger.epochs.begin("main")

    assert halts.all() == []


def test_a_run_that_is_being_cancelled_keeps_its_reason(ledger: Ledger) -> None:
    halts, epoch = Halts(ledger.database, now=ledger.time), ledger.epochs.begin("main")
    ledger.request("a")
    run = ledger.take(epoch)
    ledger.runs.cancel(run.id, "enough")
    halts.set("main", epoch, WHY)
    halts.lift("main", epoch, WHY)

    assert ledger.runs.get(run.id).reason == "enough"


def test_a_run_that_ends_has_the_reason_of_its_end(ledger: Ledger) -> None:
    halts, epoch = Halts(ledger.database, now=ledger.time), ledger.epochs.begin("main")
    ledger.request("a")
    run = ledger.take(epoch)
    halts.set("main", epoch, WHY)

    assert ledger.runs.finish(run, kept()).reason is None
