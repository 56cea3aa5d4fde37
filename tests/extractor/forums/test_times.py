"""Times of posts, made absolute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from extractor.forums.times import ShownTime, read_times, zone_of

AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
"""A Tuesday."""
CHINA = timezone(timedelta(hours=8))


def read(written: str, at: datetime | None = AT, zone: timezone | None = None) -> str | None:
    return read_times([ShownTime(None, written)], at, zone=zone)[0]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3 hours ago", "2026-11-24T07:05+00:00"),
        ("发表于 3 小时前", "2026-11-24T07:05+00:00"),
        ("昨天 15:04", "2026-11-23T15:04"),
        ("Today at 9:58 AM", "2026-11-24T09:58"),
        ("Sunday at 4:15 PM", "2026-11-22T16:15"),
        ("3:45pm On Apr 26", "2026-04-26T15:45"),
        ("Sunday 8th March", "2026-03-08"),
        ("12月5日 11:00", "2025-12-05T11:00"),
    ],
)
def test_a_relative_time_is_relative_to_the_capture(written: str, expected: str) -> None:
    assert read(written) == expected
    assert read(written, at=None) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Sun Sep 29, 2019 10:46 am", "2019-09-29T10:46"),
        ("发表于 2024-4-5 23:20:45", "2024-04-05T23:20:45"),
        ("13.05.19, 11:03", "2019-05-13T11:03"),
        ("05/23/2019 4:07 PM", "2019-05-23T16:07"),
        ("29th Sep '19", "2019-09-29"),
        ("Oct 5, '19 at 1am", "2019-10-05T01:00"),
        ("May 3, 2024, 1 p.m.", "2024-05-03T13:00"),
        ("May 3, 2024, noon", "2024-05-03T12:00"),
        ("May 3, 2024, midnight", "2024-05-03T00:00"),
        ("19-9-3", "2019-09-03"),
    ],
)
def test_a_day_with_its_year_needs_no_capture(written: str, expected: str) -> None:
    assert read(written, at=None) == expected


def test_the_other_posts_decide_the_order_of_day_and_month() -> None:
    us = read_times([ShownTime(None, "03-04-2019, 11:00 AM"), ShownTime(None, "03-25-2019, 11:00 AM")], None)
    eu = read_times([ShownTime(None, "03-04-2019, 11:00"), ShownTime(None, "25-04-2019, 11:00")], None)
    rising = read_times([ShownTime(None, "02-03-2019"), ShownTime(None, "01-04-2019")], None, month_first=True)

    assert us == ["2019-03-04T11:00", "2019-03-25T11:00"]
    assert eu == ["2019-04-03T11:00", "2019-04-25T11:00"]
    assert rising == ["2019-03-02", "2019-04-01"]


def test_the_language_decides_the_order_if_no_post_does() -> None:
    shown = [ShownTime(None, "03-04-2019")]

    assert read_times(shown, None, month_first=True) == ["2019-03-04"]
    assert read_times(shown, None, month_first=False) == ["2019-04-03"]


def test_yesterday_is_in_the_zone_of_the_page() -> None:
    late = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # the 25th in China

    assert read("昨天 15:04", at=late, zone=CHINA) == "2026-11-24T15:04+08:00"
    assert read("昨天 15:04", at=late) == "2026-11-23T15:04"


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("2019-10-05T02:15:00+02:00", "2019-10-05T02:15:00+02:00"),
        ("1570234500", "2019-10-05T00:15:00+00:00"),
        ("1570234500000", "2019-10-05T00:15:00+00:00"),
        ("nonsense", None),
    ],
)
def test_a_machine_readable_time_is_exact(machine: str, expected: str | None) -> None:
    assert read_times([ShownTime(machine, "long ago")], AT) == [expected]


def test_an_exact_time_is_in_the_visible_zone() -> None:
    shown = ShownTime("2019-10-04T22:15:00+00:00", "October 5, 2019 3:45AM")

    assert read_times([shown], AT) == ["2019-10-05T03:45:00+05:30"]


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("All times are GMT +1. The time now is 08:18 PM.", 1),
        ("GMT+8, 2026-11-24 23:05 , Processed in 0.03 second(s)", 8),
        ("All times are UTC-05:00", -5),
        ("All times are UTC", 0),
        ("All times are GMT. The time now is 08:18 PM.", 0),
    ],
)
def test_the_zone_that_a_page_declares_is_read(said: str, hours: int) -> None:
    zone = zone_of(said)

    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=hours)
    assert read("2024-4-5 23:20", zone=zone) == f"2024-04-05T23:20{'+' if hours >= 0 else '-'}{abs(hours):02}:00"


@pytest.mark.parametrize("said", ["", "GMT", "UTC+99", "no zone here"])
def test_no_zone_is_guessed(said: str) -> None:
    assert zone_of(said) is None
    assert read("2024-4-5 23:20", zone=None) == "2024-04-05T23:20"


@pytest.mark.parametrize("written", ["", "no time", "99-99-9999", "31 February 2019", "9" * 400])
def test_an_invalid_time_gives_none(written: str) -> None:
    assert read(written) is None
