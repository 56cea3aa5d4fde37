from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from config.values.cron import parse_cron


def on(text: str, day: date) -> list[time]:
    """Return the times on one day."""
    midnight = datetime.combine(day, time())
    return [local.time() for local in parse_cron(text).between(midnight, midnight + timedelta(hours=23, minutes=59))]


def days(text: str) -> list[int]:
    """Return the days of November 2026 that an expression matches."""
    return [day for day in range(1, 31) if on(text, date(2026, 11, day))]


def test_a_daily_expression_has_one_time() -> None:
    assert on("30 6 * * *", date(2026, 11, 3)) == [time(6, 30)]


def test_steps_ranges_and_lists_are_understood() -> None:
    assert on("*/20 8-10/2,22 * * *", date(2026, 11, 3)) == [
        time(hour, minute) for hour in (8, 10, 22) for minute in (0, 20, 40)
    ]


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_sunday_is_0_and_7_and_its_name(sunday: str) -> None:
    assert days(f"0 0 * * {sunday}") == [1, 8, 15, 22, 29]


@pytest.mark.parametrize("weekend", ["fri-sun", "5-7", "FRI-0", "5-0/1", "sat,fri-sun"])
def test_a_range_of_weekdays_may_end_with_sunday(weekend: str) -> None:
    assert days(f"0 0 * * {weekend}") == [day for day in range(1, 31) if date(2026, 11, day).weekday() >= 4]


def test_two_restricted_days_mean_either_as_in_crontab() -> None:
    assert days("0 0 12 * fri") == [6, 12, 13, 20, 27]


def test_a_star_with_a_step_restricts_the_other_day() -> None:
    assert days("0 0 */2 * fri") == [13, 27]


def test_the_last_days_of_a_month_and_the_second_monday_have_names() -> None:
    assert days("0 0 L * *") == [30]
    assert on("0 0 L 2 *", date(2028, 2, 29)) == [time()]
    assert (days("0 0 LW * *"), days("0 0 * * 5L"), days("0 0 * * mon#2")) == ([30], [27], [9])


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
        ("*/0 * * * *", "the minute '*/0' of the cron expression is not 0-59; it takes"),
        ("30-10 * * * *", "the minute '30-10' of the cron expression is not 0-59; it takes single values, ascending"),
        ("* * * *", "has 4 fields; it needs five: minute, hour"),
        ("* * * * * *", "has 6 fields; it needs five"),
        ("", "has 0 fields; it needs five"),
        ("@often", "'@often' is not a cron expression; known names are @hourly"),
        ("0 0 30 2 *", "never matches: that month has no such day"),
        ("0 0 31 4,6,9,11 *", "never matches"),
        ("0 0 */5 2 mon#5", "never matches"),
        ("0 0 X * *", "the day of the month 'X'"),
        ("0 0 * * sun-mon-tue", "the day of the week 'sun-mon-tue'"),
        ("٣ * * * *", "the minute '٣'"),
        ("99999999999 * * * *", "is not 0-59"),
        ("9" * 5000 + " * * * *", "is not 0-59"),
        ("*/" + "9" * 5000 + " * * * *", "is not 0-59"),
    ],
)
def test_an_error_names_the_invalid_field(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_cron(text)
    assert sentence in str(error.value)


def test_a_leap_day_is_found() -> None:
    assert on("0 0 29 2 *", date(2028, 2, 29)) == [time()]


minutes = st.one_of(st.just("*"), st.builds("*/{}".format, st.integers(5, 40)), st.integers(0, 59).map(str))
hours = st.one_of(st.just("*"), st.builds("{}-{}".format, st.integers(0, 9), st.integers(10, 23)))
monthdays = st.one_of(st.just("*"), st.integers(1, 28).map(str))
months = st.one_of(st.just("*"), st.sampled_from(["jan", "6-8", "2,12"]))


seconds = st.integers(0, 4 * 365 * 86400)


@given(minutes, hours, monthdays, months, seconds)
def test_without_weekdays_it_agrees_with_apscheduler(m: str, h: str, d: str, mo: str, second: int) -> None:
    cron, trigger = parse_cron(f"{m} {h} {d} {mo} *"), CronTrigger.from_crontab(f"{m} {h} {d} {mo} *", timezone=UTC)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=second)

    local = start.replace(tzinfo=None)
    found = next(cron.between(local, local + timedelta(days=10 * 366)))
    assert found.replace(tzinfo=UTC) == trigger.get_next_fire_time(None, start)
