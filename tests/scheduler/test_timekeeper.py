from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import LONG
from hypothesis import given, settings
from hypothesis import strategies as st
from services.databases import SQLITE_ONLY
from services.ledgers import NOON, Ledger, kept, open_ledger, timed
from sqlalchemy import select

from archive.database.migrate import OLDEST_FITTING
from archive.database.schema import marks
from scheduler.run import Run
from scheduler.timekeeper import Timekeeper


def strike_after(ledger: Ledger, keeper: Timekeeper, **much: float) -> list[Run]:
    ledger.time.passes(**much)
    return keeper.process_due()


def crawl(ledger: Ledger, outcome: str = "done") -> None:
    """Crawl everything queued to its end."""
    epoch = ledger.epochs.begin("main")
    while run := ledger.runs.claim("main", epoch):
        ledger.runs.finish(run, kept(outcome, captures=3))


def marked(ledger: Ledger) -> list[str]:
    """Return the marks, without the one that each database has."""
    with ledger.database.reading() as connection:
        return sorted(connection.execute(select(marks.c.name).where(marks.c.name != OLDEST_FITTING)).scalars())


def test_a_slot_becomes_a_run_when_it_is_due(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h"))

    assert strike_after(ledger, keeper, minutes=59) == []
    assert keeper.next_at() == NOON + timedelta(hours=1)
    (run,) = strike_after(ledger, keeper, minutes=1)
    assert (run.source, run.tick, run.requested_at) == ("a", NOON + timedelta(hours=1), ledger.time())
    assert keeper.process_due() == []
    crawl(ledger)
    assert ledger.states() == [("24 13:00", "ran", "done")]


def test_a_source_without_a_timetable_is_never_queued(ledger: Ledger) -> None:
    keeper = ledger.timekeeper()

    assert (keeper.next_at(), strike_after(ledger, keeper, days=400)) == (None, [])


def test_two_timekeepers_on_one_database_queue_one_run(ledger: Ledger) -> None:
    keepers = [ledger.timekeeper(timed(every="1h")) for _ in range(2)]
    ledger.time.passes(hours=1)

    assert [len(keeper.process_due()) for keeper in keepers] == [1, 0]
    assert len(ledger.runs.list()) == 1


def test_a_new_source_has_missed_nothing(ledger: Ledger) -> None:
    ledger.timekeeper(timed("a", every="1h"))
    ledger.time.passes(days=3)
    keeper = ledger.timekeeper(timed("a", every="1h"), timed("b", every="1h"))

    assert [run.source for run in keeper.process_due()] == ["a"]


def test_a_changed_timetable_counts_from_its_change(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1d"))
    ledger.time.passes(hours=3)
    keeper.follow([timed(every="5m")])

    assert keeper.process_due() == []
    assert len(strike_after(ledger, keeper, minutes=5)) == 1


def test_changes_of_jitter_and_catch_up_lose_no_slot(ledger: Ledger) -> None:
    ledger.time.passes(minutes=10)
    keeper = ledger.timekeeper(timed(every="1h"))
    ledger.time.passes(minutes=80)
    keeper.follow([timed(every="1h", jitter="1s", catch_up="all:5")])

    assert [run.tick for run in keeper.process_due()] == [NOON + timedelta(hours=1)]


def test_a_service_that_reads_a_change_first_is_not_set_back_by_one_that_has_not(ledger: Ledger) -> None:
    old = ledger.timekeeper(timed(every="1h"))
    new = ledger.timekeeper(timed(every="1h"))
    new.follow([timed(every="30m")])
    ledger.time.passes(hours=1)

    assert old.process_due() == []
    old.follow([timed(every="1h"), timed("b", every="1h")])  # it has read its files again, but not that one
    assert [run.tick for run in new.process_due()] == [NOON + timedelta(hours=1)]


@SQLITE_ONLY  # with several machines, another one may have it
def test_a_deleted_source_is_forgotten(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h"), timed("b", every="1h"))
    keeper.follow([timed("b", every="1h")])
    ledger.time.passes(days=30)
    keeper.follow([timed("a", every="1h"), timed("b", every="1h")])

    assert [run.source for run in keeper.process_due()] == ["b"]


@SQLITE_ONLY
def test_a_source_that_may_return_is_not_forgotten(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h"))
    keeper.follow([], complete=False)
    ledger.time.passes(hours=2)
    keeper.follow([timed("a", every="1h")])

    assert len(keeper.process_due()) == 1
    keeper.follow([])
    assert marked(ledger) == []


# Missed while no service ran


def test_once_crawls_once_for_all_that_was_missed(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="once"))
    (run,) = strike_after(ledger, keeper, hours=3, minutes=30)
    assert run.tick == NOON + timedelta(hours=3)
    crawl(ledger)

    assert ledger.states() == [
        ("24 13:00", "caught-up", "done"),
        ("24 14:00", "caught-up", "done"),
        ("24 15:00", "ran", "done"),
    ]
    assert ledger.events.after(kinds=["timetable.missed"])[0].facts == {"slots": 2, "caught_up": 2}


def test_slots_covered_by_a_failed_run_are_not_caught_up(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="once"))
    strike_after(ledger, keeper, hours=2, minutes=30)
    crawl(ledger, "blocked")

    assert {state for _, state, _ in ledger.states()} == {"failed"}


def test_skip_records_missed_slots_and_crawls_nothing(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="skip"))

    assert strike_after(ledger, keeper, hours=2, minutes=30) == []
    why = "missed while no scheduler was running, and not caught up"
    assert ledger.states() == [("24 13:00", "skipped", why), ("24 14:00", "skipped", why)]
    assert len(strike_after(ledger, keeper, minutes=30)) == 1


def test_all_crawls_as_many_as_it_says_one_after_the_other(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="all:2"))
    runs = strike_after(ledger, keeper, hours=4, minutes=30)
    assert [run.tick for run in runs] == [NOON + timedelta(hours=3), NOON + timedelta(hours=4)]
    epoch = ledger.epochs.begin("main")
    assert ledger.take(epoch).id == runs[0].id
    assert ledger.runs.claim("main", epoch) is None
    ledger.epochs.end(epoch)
    ledger.runs.recover()
    crawl(ledger)

    assert [state for _, state, _ in ledger.states()] == ["skipped", "skipped", "ran", "ran"]


def test_a_long_outage_is_counted_and_costs_little(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1s", catch_up="once"))

    assert len(strike_after(ledger, keeper, days=365)) == 1
    assert len(ledger.states()) == 1001
    assert ledger.events.after(kinds=["timetable.missed"])[0].facts["slots"] >= 10_000


def test_a_failed_transaction_loses_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h"), timed("b", every="1h"))
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr("scheduler.timetables.slots.note", lambda *_, **__: 1 // 0)
        strike_after(ledger, keeper, hours=1)

    assert (ledger.states(), ledger.runs.list()) == ([], [])
    assert len(keeper.process_due()) == 2


# Not now


def test_the_slot_of_a_paused_source_is_skipped(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1h"), timed("b", every="1h"))
    ledger.pauses.pause("a", "being rebuilt")
    assert [run.source for run in strike_after(ledger, keeper, hours=1)] == ["b"]
    ledger.pauses.pause()
    strike_after(ledger, keeper, hours=1)

    assert {slot.source: slot.reason for slot in ledger.slots.list(since=NOON + timedelta(hours=1))} == {
        "a": "all crawling is paused",
        "b": "all crawling is paused",
    }
    assert [slot.reason for slot in ledger.slots.list("a", until=NOON + timedelta(hours=1))] == [
        "paused: being rebuilt"
    ]


def test_the_slot_of_a_source_that_is_still_being_crawled_is_skipped(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h"))
    (run,) = strike_after(ledger, keeper, hours=1)
    strike_after(ledger, keeper, hours=1)
    ledger.take()
    strike_after(ledger, keeper, hours=1)

    assert ledger.states() == [
        ("24 13:00", "queued", None),
        ("24 14:00", "skipped", f"still queued: {run.id}"),
        ("24 15:00", "skipped", f"still running: {run.id}"),
    ]


def test_a_slot_is_skipped_when_there_is_no_space(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h"), held_back="back-pressure: the spool is 71 % full")

    assert strike_after(ledger, keeper, hours=1) == []
    assert ledger.states() == [("24 13:00", "skipped", "back-pressure: the spool is 71 % full")]


# The clock is moved


def test_no_slot_strikes_twice_when_the_clock_is_set_back(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h"))
    for _ in range(4):
        strike_after(ledger, keeper, hours=1)
        crawl(ledger)
    ledger.time.passes(hours=-3)
    again = ledger.timekeeper(timed(every="1h"))
    for _ in range(4):
        strike_after(ledger, keeper, hours=1)
        crawl(ledger)
        strike_after(ledger, again, seconds=1)
        crawl(ledger)

    assert ledger.states() == [(f"24 {hour}:00", "ran", "done") for hour in (13, 14, 15, 16, 17)]


def test_a_clock_that_is_set_ahead_is_an_outage_to_catch_up_with(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="6h"))

    assert len(strike_after(ledger, keeper, days=1)) == 1
    crawl(ledger)
    assert [state for _, state, _ in ledger.states()] == ["caught-up", "caught-up", "caught-up", "ran"]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to be copied: creating one costs more than all that the law does with it."""
    file = tmp_path_factory.mktemp("law") / "empty.db"
    open_ledger(file).database.close()
    return file


steps = st.lists(
    st.tuples(st.sampled_from(["strike", "other", "restart", "crawl", "back"]), st.integers(0, 200)), max_size=25
)


@settings(max_examples=2000 if LONG else 40)
@given(steps, st.sampled_from(["skip", "once", "all:2", "all:999"]))
def test_each_slot_is_there_once_and_has_at_most_one_run_whatever_happens(
    empty: Path, steps: list[tuple[str, int]], catch_up: str
) -> None:
    file = shutil.copy(empty, empty.with_suffix(".copy"))
    ledger = open_ledger(Path(file), migrate=False)
    source, latest = timed(every="20m", catch_up=catch_up), NOON
    one, two = ledger.timekeeper(source), ledger.timekeeper(source)
    for what, minutes in steps:
        ledger.time.passes(minutes=-minutes if what == "back" else minutes)
        latest = max(latest, ledger.time())
        if what == "restart":
            one = ledger.timekeeper(source)
        elif what == "crawl":
            crawl(ledger)
        (two if what == "other" else one).process_due()
    ledger.time.at = latest
    one.process_due()
    slots, runs = ledger.slots.list(limit=10_000), ledger.runs.list(limit=10_000)
    ledger.database.close()

    due = (latest - NOON) // timedelta(minutes=20)
    since = [slot.at for slot in reversed(slots) if slot.at > NOON]  # a clock that is set back has slots before, too
    assert since == [NOON + timedelta(minutes=20) * (n + 1) for n in range(due)]
    assert len({run.tick for run in runs}) == len(runs)


def test_several_machines_on_one_database_keep_the_time_of_their_own_sources(
    ledger: Ledger,
) -> None:
    here, there = ledger.timekeeper(timed("a", every="1h")), ledger.timekeeper(timed("b", every="1h"))
    ledger.time.passes(hours=1)

    queued = [run.source for keeper in (here, there) for run in keeper.process_due()]
    is_shared = ledger.database.engine.dialect.name == "postgresql"
    assert queued == (["a", "b"] if is_shared else ["b"])


def test_a_service_keeps_the_marks_of_timetables_that_only_another_machine_has(ledger: Ledger) -> None:
    """With one machine, a source that is not there is deleted, and so is its mark."""
    ledger.timekeeper(timed("theirs", every="1h"))
    here = ledger.timekeeper(timed("ours", every="1h"))
    here.follow([timed("ours", every="2h")], complete=True)
    ledger.time.passes(hours=3)

    there = ledger.timekeeper(timed("theirs", every="1h"))
    is_shared = ledger.database.engine.dialect.name == "postgresql"
    assert [run.source for run in there.process_due()] == (["theirs"] if is_shared else [])
