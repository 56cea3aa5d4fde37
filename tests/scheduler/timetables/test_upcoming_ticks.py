"""When sources will run next."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from services.calls import calls
from services.ledgers import NOON, Ledger, tick, timed

from scheduler.timetables.upcoming_ticks import UpcomingTicks

HOUR = timedelta(hours=1)
MINUTES = count()
"""Each test uses timetables of its own, which nothing has computed before."""


def coming(ledger: Ledger, count: int = 3) -> list[datetime]:
    source = timed("a", every="1h")
    known = UpcomingTicks(ledger.database, [source, timed("b", every="1d")], "UTC", ledger.time())
    ticks = [each.due for each in known.ticks(source, count)]
    assert known.first(source) == next(iter(ticks), None)
    return ticks


def test_the_next_times_are_those_of_the_timetable(ledger: Ledger) -> None:
    assert coming(ledger) == [NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR]


@pytest.mark.parametrize("paused", ["a", "*"])
def test_a_paused_source_has_no_next_time(ledger: Ledger, paused: str) -> None:
    ledger.pauses.pause(paused)
    assert coming(ledger) == []
    ledger.pauses.resume(paused)
    assert len(coming(ledger)) == 3


def test_the_pause_of_another_source_changes_nothing(ledger: Ledger) -> None:
    ledger.pauses.pause("b")
    assert len(coming(ledger)) == 3


def test_a_slot_that_had_its_run_while_the_clock_was_ahead_is_not_a_next_time(ledger: Ledger) -> None:
    ledger.request("a", tick("a", NOON + HOUR))
    ledger.request("b", tick("b", NOON + 2 * HOUR))

    assert coming(ledger) == [NOON + 2 * HOUR, NOON + 3 * HOUR, NOON + 4 * HOUR]


@pytest.mark.parametrize("jitter", ["0s", "30m"])
def test_times_of_one_timetable_are_computed_once_a_day_for_all_sources_that_have_it(
    ledger: Ledger, jitter: str
) -> None:
    few, many = (steps_of_cron(ledger, number, jitter) for number in (2, 40))

    assert many == few > 0


def steps_of_cron(ledger: Ledger, many: int, jitter: str) -> int:
    """The steps of cron for the next times of so many sources of a new timetable, asked a second after the other."""
    cron = f"{next(MINUTES)} 3 * * *"
    sources = [timed(f"s{number}", cron=cron, jitter=jitter) for number in range(many)]

    def ask() -> None:
        for number, source in enumerate(sources):
            moment = ledger.time() + timedelta(seconds=number)
            assert len(UpcomingTicks(ledger.database, [source], "UTC", moment).ticks(source, 3)) == 3

    return calls(ask, "advance")


def test_a_source_without_a_timetable_has_no_next_time(ledger: Ledger) -> None:
    source = timed("a", every="1h").model_copy(update={"timetable": None})
    known = UpcomingTicks(ledger.database, [source], "UTC", ledger.time())

    assert (known.first(source), known.ticks(source, 2)) == (None, [])
