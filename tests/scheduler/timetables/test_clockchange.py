from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler.timetables.clockchange import next_change


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_clocks_go_forward_and_back_at_the_legal_moment() -> None:
    spring = next_change("Europe/Berlin", at(2026, 11, 24))
    autumn = next_change("Europe/Berlin", at(2026, 6, 1))

    assert spring is not None and (spring.at, spring.forward) == (at(2027, 3, 28, 1), True)
    assert autumn is not None and (autumn.at, autumn.forward) == (at(2026, 10, 25, 1), False)
    assert autumn.before - autumn.after == timedelta(hours=1)


def test_a_change_of_half_an_hour_counts() -> None:
    found = next_change("Australia/Lord_Howe", at(2026, 1, 1))

    assert found is not None and found.before - found.after == timedelta(minutes=30)


def test_zones_without_summer_time_have_no_change() -> None:
    assert next_change("Asia/Shanghai", at(2026, 1, 1)) is None
    assert next_change("UTC", at(2026, 1, 1)) is None


def test_a_past_change_is_not_the_next() -> None:
    found = next_change("Europe/Berlin", at(2026, 10, 25, 1))

    assert found is not None and found.at == at(2027, 3, 28, 1)
    assert next_change("Europe/Berlin", at(2026, 10, 25, 1), timedelta(days=7)) is None
