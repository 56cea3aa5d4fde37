from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from config.cron import Cron, parse_cron


def test_a_daily_expression_has_one_time() -> None:
    assert parse_cron("30 6 * * *").times == (time(6, 30),)


def test_steps_ranges_and_lists_are_understood() -> None:
    assert parse_cron("*/20 8-10/2,22 * * *").times == (
        *(time(hour, minute) for hour in (8, 10, 22) for minute in (0, 20, 40)),
    )


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_sunday_is_0_and_7_and_its_name(sunday: str) -> None:
    cron = parse_cron(f"0 0 * * {sunday}")

    assert [day for day in range(1, 8) if cron.falls_on(date(2026, 11, day))] == [1]


def test_a_range_of_weekdays_may_end_with_sunday() -> None:
    assert parse_cron("0 0 * * fri-sun").weekdays == {5, 6, 0}


def test_two_restricted_days_mean_either_as_in_crontab() -> None:
    cron = parse_cron("0 0 13 * fri")

    assert cron.falls_on(date(2026, 11, 13))
    assert cron.falls_on(date(2026, 11, 20))
    assert cron.falls_on(date(2026, 12, 13))
    assert not cron.falls_on(date(2026, 12, 14))


def test_a_star_with_a_step_restricts_the_other_day() -> None:
    assert not parse_cron("0 0 */2 * fri").falls_on(date(2026, 11, 20))


def test_names_like_daily_are_understood() -> None:
    assert parse_cron("@daily") == parse_cron("0 0 * * *")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0 25 * * *", "the hour '25' of the cron expression is not 0-23"),
        ("60 * * * *", "the minute '60' of the cron expression is not 0-59"),
        ("* * 0 * *", "the day of the month '0' of the cron expression is not 1-31"),
        ("* * * foo *", "the month 'foo' of the cron expression is not 1-12 or jan-dec"),
        ("* * * * mond", "the day of the week 'mond' of the cron expression is not 0-7 or sun-sat"),
        ("*/0 * * * *", "the step '0' of the cron expression's minute is not a number from 1 up"),
        ("30-10 * * * *", "the minute '30-10' of the cron expression runs backwards"),
        ("* * * *", "has 4 fields, it needs five: minute, hour"),
        ("* * * * * *", "has 6 fields, it needs five"),
        ("", "has 0 fields, it needs five"),
        ("@often", "'@often' is no cron expression; known names are @hourly"),
        ("0 0 30 2 *", "never comes: no such month has a day 30"),
        ("0 0 31 4,6,9,11 *", "never comes"),
        ("0 0 L * *", "the day of the month 'L'"),
        ("٣ * * * *", "the minute '٣'"),
        ("99999999999 * * * *", "is not 0-59"),
    ],
)
def test_a_bad_expression_is_told_with_its_field(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_cron(text)
    assert sentence in str(error.value)


def test_a_leap_day_comes() -> None:
    assert parse_cron("0 0 29 2 *").falls_on(date(2028, 2, 29))


minutes = st.one_of(st.just("*"), st.builds("*/{}".format, st.integers(5, 40)), st.integers(0, 59).map(str))
hours = st.one_of(st.just("*"), st.builds("{}-{}".format, st.integers(0, 9), st.integers(10, 23)))
days = st.one_of(st.just("*"), st.integers(1, 28).map(str))
months = st.one_of(st.just("*"), st.sampled_from(["jan", "6-8", "2,12"]))


seconds = st.integers(0, 4 * 365 * 86400)


@given(minutes, hours, days, months, seconds)
def test_without_weekdays_it_agrees_with_apscheduler(m: str, h: str, d: str, mo: str, second: int) -> None:
    cron, trigger = parse_cron(f"{m} {h} {d} {mo} *"), CronTrigger.from_crontab(f"{m} {h} {d} {mo} *", timezone=UTC)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=second)

    assert _first_at_or_after(cron, start) == trigger.get_next_fire_time(None, start)


def _first_at_or_after(cron: Cron, start: datetime) -> datetime:
    day = start.date()
    while True:
        moments = (datetime.combine(day, each, UTC) for each in cron.times if cron.falls_on(day))
        if (found := next((at for at in moments if at >= start), None)) is not None:
            return found
        day += timedelta(days=1)
