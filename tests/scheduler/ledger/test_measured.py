"""What the ledger counts for metrics: slots without a run, and how late runs begin."""

from __future__ import annotations

import pytest
from services.ledgers import LEASE, NOON, Ledger, kept, tick, timed

from archive.database import figures
from archive.values.counters import Figure, Figures
from scheduler.ledger.epochs import Epochs
from scheduler.ledger.runs import Runs
from scheduler.run import StaleEpoch


def counted(ledger: Ledger, figure: Figure) -> dict[str, float]:
    return {of[0]: value for of, value in figures.sums(ledger.database).get(figure, {}).items()}


def test_slots_missed_while_no_service_ran_are_counted_whether_caught_up_or_not(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h", catch_up="once"), timed("b", every="1h", catch_up="skip"))
    ledger.time.passes(hours=3, minutes=30)
    keeper.process_due()

    assert counted(ledger, Figure.MISSED) == {"down": 2.0 + 3.0}


def test_a_slot_without_a_run_is_counted_by_its_reason(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h"))
    for _ in range(2):  # the first one's run is still queued when the second is due
        ledger.time.passes(hours=1)
        keeper.process_due()
    ledger.pauses.pause("a")
    ledger.time.passes(hours=1)
    keeper.process_due()
    full = ledger.timekeeper(timed("b", every="1h"), held_back="the spool is full")
    ledger.time.passes(hours=1)
    full.process_due()

    assert counted(ledger, Figure.MISSED) == {"busy": 1.0, "paused": 1.0, "no-room": 1.0}


def test_the_delay_of_a_run_is_counted_once_and_only_for_slots(ledger: Ledger) -> None:
    ledger.request("a", tick("a", NOON))
    ledger.request("b")
    ledger.time.passes(seconds=40)
    epoch = ledger.epochs.begin("main")
    first = ledger.take(epoch)
    ledger.take(epoch)
    ledger.runs.finish(first, kept("interrupted"))
    ledger.take(epoch)

    assert counted(ledger, Figure.DELAY_SECONDS) == {"60.0": 1.0, "sum": 40.0}


def test_a_beat_writes_the_counts_in_the_same_transaction(ledger: Ledger) -> None:
    process = Figures()
    epochs = Epochs(ledger.database, now=ledger.time, lease=LEASE)
    runs = Runs(ledger.database, epochs, now=ledger.time, counted=process)
    epoch = ledger.epochs.begin("main")
    process.count(Figure.FETCHES, "a", "2xx")
    runs.seen(epoch, {})
    assert figures.sums(ledger.database)[Figure.FETCHES] == {("a", "2xx"): 1.0}

    process.count(Figure.FETCHES, "a", "2xx")
    ledger.time.passes(minutes=2)
    epochs.reap()
    with pytest.raises(StaleEpoch):
        runs.seen(epoch, {})
    assert figures.sums(ledger.database)[Figure.FETCHES] == {("a", "2xx"): 1.0}

    figures.write(ledger.database, process)  # as the process does when it ends: these fetches were made
    assert figures.sums(ledger.database)[Figure.FETCHES] == {("a", "2xx"): 2.0}
