"""No mark of a wrong clock makes anything wait longer than its longest wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from archive.values.wrong_clocks import SKEW, is_ahead, is_due, is_over, steady

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
waits = st.timedeltas(timedelta(0), timedelta(days=3))
leads = st.timedeltas(timedelta(0), timedelta(days=36_500))


@given(waits, waits, leads)
def test_what_waits_is_due_at_once_or_after_the_longest_wait_at_the_latest(
    wait: timedelta, longer: timedelta, lead: timedelta
) -> None:
    """The clock was ahead by `lead` when the mark was written, and is right from then on."""
    longest = wait + longer
    mark = NOW + lead + wait
    assert is_due(mark, NOW, longest) or is_due(mark, NOW + longest, longest)


@given(waits, waits, waits)
def test_what_a_right_clock_wrote_is_due_at_its_time(wait: timedelta, longer: timedelta, passed: timedelta) -> None:
    assert is_due(NOW + wait, NOW + passed, wait + longer) == (passed >= wait)


@given(waits, leads, waits)
def test_a_period_is_over_after_its_length_whenever_it_began(period: timedelta, lead: timedelta, on: timedelta) -> None:
    since = NOW + lead
    assert is_over(since, period, NOW + period + SKEW + timedelta(seconds=1) + lead)
    assert is_over(since, period, NOW) == (lead > SKEW)
    assert is_ahead(since, NOW) == (lead > SKEW)
    assert is_over(NOW, period, NOW + on) == (on > period)


def test_a_rule_without_the_longest_wait_would_wait_for_years() -> None:
    mark, now = NOW + timedelta(days=900), NOW
    assert not mark <= now
    assert is_due(mark, now, timedelta(days=1))


def test_a_steady_clock_does_not_follow_a_clock_that_is_set() -> None:
    at, seconds = [NOW], [17.0]
    clock = steady(lambda: at[0], lambda: seconds[0])
    assert clock() == NOW.timestamp()
    at[0] -= timedelta(days=5)
    seconds[0] += 30
    assert clock() == NOW.timestamp() + 30
