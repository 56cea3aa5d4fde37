from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from services.ledgers import LEASE, Ledger, kept

from archive.database.engine import Database
from config.source import Source
from crawler.policy.order import Counts
from scheduler.ledger.epochs import Epochs, WorkerNameTaken
from scheduler.run import Run, StaleEpoch

Write = Callable[[Ledger, Run], object]
DESCRIBED = Source(name="a", seeds=("https://example.org/",), walk="page")
WRITES: dict[str, Write] = {
    "finish": lambda ledger, run: ledger.runs.finish(run, kept()),
    "seen": lambda ledger, run: ledger.runs.seen(run.epoch or 0, {run.id: Counts(pages=9)}),
    "configured": lambda ledger, run: ledger.runs.configured(run, DESCRIBED),
    "take": lambda ledger, run: ledger.runs.claim("main", run.epoch or 0),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())


def stuck(ledger: Ledger) -> Run:
    """A run whose worker is about to hang, and another one waiting."""
    ledger.request("a")
    taken = ledger.take()
    ledger.request("b")
    return taken


def test_no_epoch_is_given_twice(ledger: Ledger) -> None:
    numbers = [ledger.epochs.begin(worker) for worker in ("one", "two", "one")]

    assert numbers == sorted(set(numbers))


@every_write
def test_a_live_epoch_can_write(ledger: Ledger, write: Write) -> None:
    write(ledger, stuck(ledger))


@every_write
def test_an_epoch_past_its_lease_can_not_write(ledger: Ledger, write: Write) -> None:
    run = stuck(ledger)
    before = ledger.runs.list()
    ledger.time.passes(seconds=61)

    with pytest.raises(StaleEpoch, match="longer ago than its lease"):
        write(ledger, run)
    assert ledger.runs.list() == before


@every_write
def test_a_reaped_epoch_can_not_write_even_if_its_clock_stopped(ledger: Ledger, write: Write) -> None:
    run = stuck(ledger)
    woken_at = ledger.time()
    ledger.time.passes(seconds=61)
    ledger.runs.recover()
    before = ledger.runs.list()
    ledger.time.at = woken_at

    with pytest.raises(StaleEpoch, match="it ended at 2026-11-24T12:01:01Z"):
        write(ledger, run)
    assert ledger.runs.list() == before


@every_write
def test_a_stale_epoch_would_write_without_the_fence(
    ledger: Ledger, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the tests above see the fence, and nothing else."""
    run = stuck(ledger)
    before = ledger.runs.list()
    ledger.time.passes(seconds=61)
    monkeypatch.setattr(ledger.epochs, "fence", lambda *_: nullcontext())
    write(ledger, run)

    assert ledger.runs.list() != before


def test_an_epoch_lives_as_long_as_it_beats(ledger: Ledger) -> None:
    run = stuck(ledger)
    assert run.epoch is not None
    for _ in range(5):
        ledger.time.passes(seconds=59)
        ledger.runs.seen(run.epoch, {run.id: Counts()})
        assert ledger.epochs.reap() == []

    ledger.runs.finish(run, kept())


def test_a_beat_about_a_run_of_another_epoch_writes_nothing(ledger: Ledger) -> None:
    run = stuck(ledger)
    other = ledger.epochs.begin("other")
    before = ledger.runs.get(run.id)

    with pytest.raises(StaleEpoch, match=f"the run {run.id} is no longer its own"):
        ledger.runs.seen(other, {run.id: Counts(pages=9)})
    assert ledger.runs.get(run.id) == before


def test_a_worker_that_died_before_the_clock_was_set_back_is_found_dead(ledger: Ledger) -> None:
    run = stuck(ledger)
    ledger.time.passes(hours=-3)
    assert ledger.runs.recover() == []
    ledger.time.passes(seconds=61)

    assert [back.id for back in ledger.runs.recover()] == [run.id]


def test_a_worker_survives_when_the_clock_is_set_back(ledger: Ledger) -> None:
    run = stuck(ledger)
    ledger.time.passes(hours=-3)
    ledger.runs.recover()
    ledger.runs.seen(run.epoch or 0, {run.id: Counts()})
    ledger.time.passes(seconds=59)

    assert ledger.runs.recover() == []
    ledger.runs.finish(run, kept())


def test_an_epoch_that_ended_normally_can_not_write(ledger: Ledger) -> None:
    run = stuck(ledger)
    ledger.epochs.end(run.epoch or 0)

    with pytest.raises(StaleEpoch):
        ledger.runs.finish(run, kept())


def test_an_unknown_epoch_can_not_write(ledger: Ledger) -> None:
    ledger.request("a")

    with pytest.raises(StaleEpoch, match="it was never started"):
        ledger.runs.claim("main", 99)


def test_a_worker_with_the_name_of_a_live_one_on_another_machine_is_refused(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main", host="one", spool="1a")

    with pytest.raises(WorkerNameTaken, match="another worker named main is alive on the machine one"):
        ledger.epochs.begin("main", host="two", spool="2b")
    with ledger.database.writing() as connection:
        ledger.epochs.fence(connection, epoch)


CLOCKS = (timedelta(0), timedelta(minutes=5), timedelta(minutes=-5))


@pytest.mark.parametrize(("mine", "theirs"), list(permutations(CLOCKS, 2)))
@pytest.mark.parametrize("either", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_the_clocks_of_machines_end_no_lease_of_a_shared_database(
    either: Database, mine: timedelta, theirs: timedelta
) -> None:
    """Whose clock is wrong by minutes is neither dead for the others, nor are they for it."""
    one, two = (
        Epochs(either, now=lambda ahead=ahead: datetime.now(UTC) + ahead, lease=LEASE, by_database=True)
        for ahead in (mine, theirs)
    )
    first, second = one.begin("one"), two.begin("two")
    for epochs in (one, two):
        assert epochs.reap() == []
        with either.writing() as connection:
            epochs.renew(connection, first)
            epochs.renew(connection, second)


def test_a_clock_that_is_five_minutes_ahead_ends_leases_that_are_not_timed_by_the_database(either: Database) -> None:
    one = Epochs(either, now=lambda: datetime.now(UTC), lease=LEASE)
    two = Epochs(either, now=lambda: datetime.now(UTC) + timedelta(minutes=5), lease=LEASE)
    assert two.reap() == []
    first = one.begin("one")
    assert two.reap() == [first]


def test_a_lease_that_the_database_times_ends_when_its_worker_is_silent(either: Database) -> None:
    epochs = Epochs(either, now=lambda: datetime.now(UTC), lease=timedelta(microseconds=1), by_database=True)
    first = epochs.begin("one")
    assert epochs.reap() == [first]
    with pytest.raises(StaleEpoch), either.writing() as connection:
        epochs.renew(connection, first)


def test_a_worker_takes_the_name_of_a_dead_one_and_of_its_own_dead_process(ledger: Ledger) -> None:
    ledger.epochs.begin("main", host="one", spool="1a")
    ledger.epochs.begin("main", host="one", spool="1a")
    ledger.time.passes(seconds=61)

    assert ledger.epochs.begin("main", host="two", spool="2b")


def test_a_worker_that_was_seen_while_the_clock_was_ahead_keeps_its_name_for_one_lease(ledger: Ledger) -> None:
    ledger.time.passes(days=5)
    ledger.epochs.begin("main", host="one", spool="1a")
    ledger.time.passes(days=-5)
    with pytest.raises(WorkerNameTaken):
        ledger.epochs.begin("main", host="two", spool="2b")
    ledger.time.passes(seconds=61)
    ledger.epochs.begin("main", host="two", spool="2b")
