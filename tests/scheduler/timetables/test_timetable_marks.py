"""A clock that is wrong for a moment: marks in the future stop no timetable."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.ledgers import NOON, Ledger, kept, timed

from scheduler.timekeeper import Timekeeper
from scheduler.timetables.timetable import ON_TIME

AHEAD = timedelta(days=5)


def minutes_pass(ledger: Ledger, keeper: Timekeeper, count: int, step: int = 1) -> list[datetime]:
    """Return the slots that get a run while this many minutes pass, with a strike each `step`.

    All runs are crawled at once.
    """
    ran = []
    for _ in range(0, count, step):
        ledger.time.passes(minutes=step)
        ran += [run.tick for run in keeper.process_due() if run.tick]
        crawl(ledger)
    return ran


def crawl(ledger: Ledger) -> None:
    epoch = ledger.epochs.begin("main")
    while run := ledger.runs.claim("main", epoch):
        ledger.runs.finish(run, kept())


def is_ahead_for_a_moment(ledger: Ledger, keeper: Timekeeper) -> None:
    ledger.time.at += AHEAD
    keeper.process_due()
    crawl(ledger)
    ledger.time.at -= AHEAD - timedelta(seconds=31)


def taken_back(ledger: Ledger) -> list[dict[str, object]]:
    return [dict(event.facts) for event in ledger.events.after(kinds=["timetable.taken-back"])]


def test_a_clock_that_was_days_ahead_for_a_moment_stops_no_timetable(ledger: Ledger) -> None:
    for catch_up in ("once", "skip", "all:3"):
        ledger.time.at = NOON
        source = timed(catch_up.replace(":", "-"), every="1m", catch_up=catch_up)
        keeper = ledger.timekeeper(source)
        before = minutes_pass(ledger, keeper, 3)
        is_ahead_for_a_moment(ledger, keeper)
        after = minutes_pass(ledger, keeper, 10)

        assert before == [NOON + timedelta(minutes=number) for number in (1, 2, 3)]
        assert after == [NOON + timedelta(minutes=number) for number in range(4, 14)], catch_up


def test_the_mark_is_taken_back_once_and_that_is_an_event(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed("a", every="1m"), timed("b", every="1h"), timed("c", every="30d"))
    is_ahead_for_a_moment(ledger, keeper)
    minutes_pass(ledger, keeper, 5)

    ahead = (AHEAD - timedelta(seconds=91)).total_seconds()
    assert taken_back(ledger) == [{"sources": 2, "seconds": ahead}], "the third had nothing due"


def test_slots_missed_while_the_clock_was_ahead_are_not_missed_again(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="once"))
    is_ahead_for_a_moment(ledger, keeper)
    minutes_pass(ledger, keeper, 125, step=5)

    missed = [event.facts["slots"] for event in ledger.events.after(kinds=["timetable.missed"])]
    assert missed == [119], "all of them while it was ahead"
    assert [slot.state for slot in ledger.slots.list(until=ledger.time())] == ["ran", "ran"]


def test_a_slot_that_had_its_run_while_the_clock_was_ahead_never_gets_another(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1d", catch_up="all:2"))
    is_ahead_for_a_moment(ledger, keeper)
    early = {run.tick for run in ledger.runs.list()}
    minutes_pass(ledger, keeper, 6 * 24 * 60, step=240)

    ticks = [run.tick for run in ledger.runs.list()]
    assert early == {NOON.replace(hour=0) + timedelta(days=number) for number in (4, 5)}
    assert sorted(filter(None, ticks)) == [NOON.replace(hour=0) + timedelta(days=number) for number in range(1, 7)]


def test_a_service_that_starts_with_a_mark_in_the_future_takes_it_back(ledger: Ledger) -> None:
    is_ahead_for_a_moment(ledger, ledger.timekeeper(timed(every="1m")))
    keeper = ledger.timekeeper(timed(every="1m"))

    assert len(taken_back(ledger)) == 1
    assert (keeper.next_at() or NOON + AHEAD) <= NOON + timedelta(minutes=1)
    assert len(minutes_pass(ledger, keeper, 5)) >= 5


def test_another_service_whose_clock_is_ahead_stops_nobody(ledger: Ledger) -> None:
    right, wrong = ledger.timekeeper(timed(every="1m")), ledger.timekeeper(timed(every="1m"))
    is_ahead_for_a_moment(ledger, wrong)

    assert len(minutes_pass(ledger, right, 5)) == 5


def test_slightly_different_clocks_take_nothing_back(ledger: Ledger) -> None:
    slow, fast = ledger.timekeeper(timed(every="1m")), ledger.timekeeper(timed(every="1m"))
    for _ in range(10):
        ledger.time.at += timedelta(minutes=1) + ON_TIME
        fast.process_due()
        ledger.time.at -= ON_TIME
        slow.process_due()
        crawl(ledger)

    assert taken_back(ledger) == []


def test_a_slot_that_a_pause_skipped_on_time_stays_skipped_when_the_clock_is_set_back(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h"))
    ledger.pauses.pause("a")
    minutes_pass(ledger, keeper, 120, step=20)
    ledger.pauses.resume("a")
    ledger.time.at -= timedelta(hours=2)

    assert minutes_pass(ledger, keeper, 120, step=20) == []
    assert [state for _, state, _ in ledger.states()] == ["skipped", "skipped"]


def test_a_clock_that_was_behind_and_jumps_ahead_has_missed_no_processed_slot(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="all:9"))
    first = minutes_pass(ledger, keeper, 240, step=20)
    ledger.time.at -= timedelta(hours=3)
    behind = minutes_pass(ledger, keeper, 10)
    ledger.time.at += timedelta(hours=3)
    right = minutes_pass(ledger, keeper, 60, step=20)

    assert (len(first), behind) == (4, [])
    assert right == [NOON + timedelta(hours=5)]
    assert ledger.events.after(kinds=["timetable.missed"]) == []


def test_a_clock_that_began_behind_and_jumps_ahead_catches_up_as_the_source_says(ledger: Ledger) -> None:
    keeper = ledger.timekeeper(timed(every="1h", catch_up="once"))
    ledger.time.passes(days=3)

    assert minutes_pass(ledger, keeper, 60, step=20) == [NOON + timedelta(days=3), NOON + timedelta(days=3, hours=1)]
