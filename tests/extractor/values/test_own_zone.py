"""UTC times converted to the zone of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.metadata.metadata import read_metadata
from extractor.values.own_zone import in_own_zone, may_be_shown

LATE = "2026-11-24T22:04:00+00:00"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ("2026-11-25T00:04:00+02:00", "2026-11-25T00:04:00+02:00"),
        ("2026-11-25T00:04+02:00", "2026-11-25T00:04+02:00"),
        ("2026-11-25T00:04:00", "2026-11-25T00:04:00+02:00"),
        ("2026-11-24T14:04:00", "2026-11-24T14:04:00-08:00"),
        ("2026-11-25T00:05:00+02:00", LATE),
        ("2026-11-25T00:34:00", LATE),
        ("2026-11-25T13:04:00", LATE),
        ("2026-11-25", LATE),
        (LATE, LATE),
        ("2026-11-25T00:04", "2026-11-25T00:04:00+02:00"),
    ],
)
def test_a_utc_time_takes_the_form_of_the_same_time_on_the_page(other: str, told: str) -> None:
    assert in_own_zone(LATE, [other]) == told


def test_a_time_without_seconds_may_be_any_second_of_its_minute() -> None:
    late = "2026-11-24T22:04:37+00:00"

    assert in_own_zone(late, ["2026-11-25T00:04"]) == "2026-11-25T00:04:37+02:00"
    assert in_own_zone(late, ["2026-11-25T00:04:00"]) == late


@given(st.integers(631_152_000, 4_102_444_800), st.integers(-14, 14), st.booleans())
def test_the_result_is_the_same_time(epoch: int, hours: int, zoned: bool) -> None:
    moment = datetime.fromtimestamp(epoch, UTC)
    other = moment.astimezone(timezone(timedelta(hours=hours)))

    told = in_own_zone(moment.isoformat(), [(other if zoned else other.replace(tzinfo=None)).isoformat()])

    assert datetime.fromisoformat(told) == moment


def test_the_day_is_the_visible_one() -> None:
    html = f"""<meta property=article:published_time content={LATE}><body><article><h1>Ferries</h1>
        <time class=updated datetime=2026-11-25T09:04:00>today</time><time datetime=2026-11-25T00:04:00>today</time>"""

    found = read_metadata(Page("https://news.example/a", html.encode()))

    assert (found.date, found.origins["date"]) == ("2026-11-25T00:04:00+02:00", "open-graph")


@pytest.mark.parametrize(
    ("shown", "date"),
    [
        ("25 November 2026, 00:04 EET", "2026-11-25T00:04+02:00"),
        ("25 November 2026, 00:04", "2026-11-25T00:04:00+02:00"),
        ("25 November 2026, 00:31", LATE),
        ("25 November 2026", LATE),
        ("25 November 2026, 10:04 AM", "2026-11-25T10:04:00+12:00"),
        ("2026年11月25日 0时04分", "2026-11-25T00:04:00+02:00"),
        ("Updated: 25 November 2026, 00:04", LATE),
    ],
)
def test_a_visible_date_gives_the_zone_only_with_a_time(shown: str, date: str) -> None:
    html = f"<meta property=article:published_time content={LATE}><h1>Ferries</h1><div>{shown}</div>"

    assert read_metadata(Page("https://news.example/a", html.encode())).date == date


@given(
    st.integers(631_152_000, 4_102_444_800),
    st.integers(-14, 14).filter(bool),
    st.sampled_from(
        (
            "%Y-%m-%d %H:%M",
            "%d %B %Y, %I:%M %p",
            "%d %B %Y, %-I:%M %p",
            "%Y年%m月%d日 %-H时%M分",
            "%Y년 %m월 %d일 %H시 %M",
            "%d.%m.%Y %Hh%M",
        )
    ),
)
def test_no_visible_time_in_another_zone_is_missed(epoch: int, hours: int, form: str) -> None:
    moment = datetime.fromtimestamp(epoch, UTC).isoformat()
    shown = (datetime.fromtimestamp(epoch, UTC) + timedelta(hours=hours)).strftime(form)

    assert may_be_shown(moment, f"<meta content={moment}><p>{shown}".encode())


def test_a_minute_in_machine_readable_times_alone_does_not_count() -> None:
    assert not may_be_shown(LATE, f"<meta content={LATE}><p>25 November 2026, 00:31".encode())
