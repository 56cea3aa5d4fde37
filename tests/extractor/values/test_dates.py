"""Dates in pages, with exactly their precision."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.values.dates import date_in_path, dates_in, read_date, whole_date
from extractor.values.moments import parse_moment

FIRST, LAST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2099-12-31")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T10:05:33+0800", "2026-11-24T10:05:33+08:00"),
        ("2026-11-24T10:05:33.123Z", "2026-11-24T10:05:33+00:00"),
        ("2026-11-24 10:05", "2026-11-24T10:05"),
        ("2026/11/24", "2026-11-24"),
        ("2026.1.2", "2026-01-02"),
        ("20261124", "2026-11-24"),
        ("2026. november 24., kedd", "2026-11-24"),
        ("It ended in 2025. May 24 people sail on?", None),
        ("202611241005", "2026-11-24T10:05"),
        ("2026年11月24日10:05", "2026-11-24T10:05"),
        ("2026年1月2日", "2026-01-02"),
        ("来源：新华社 2026年11月24日 星期二 10时05分33秒", "2026-11-24T10:05:33"),
        ("发表于 2026-11-24 10:05:33", "2026-11-24T10:05:33"),
        ("24 November 2026", "2026-11-24"),
        ("24th Nov. 2026, 3:05 pm", "2026-11-24T15:05"),
        ("November 24, 2026 10:05 am", "2026-11-24T10:05"),
        ("Posted on November 24th, 2026 at 10:05", "2026-11-24T10:05"),
        ("March 3 2026 — 12:15 a.m.", "2026-03-03T00:15"),
        ("Tue, 24 Nov 2026 10:00:00 GMT", "2026-11-24T10:00:00+00:00"),
        ("24. November 2026, 10:05 Uhr", "2026-11-24T10:05"),
        ("24.11.2026", "2026-11-24"),
        ("12 de noviembre de 2026", "2026-11-12"),
        ("24 мая 2026", "2026-05-24"),
        ("31 February 2026", None),
        ("2026-13-01", None),
        ("May 2026", None),
        ("11/24/2026", "2026-11-24"),
        ("Thu, 24/11/2026 - 11:38", "2026-11-24T11:38"),
        ("03/04/2026", None),
        ("1/2/3/2026", None),
        ("24-Nov-2026", "2026-11-24"),
        ("24/11/2026 à 14h05", "2026-11-24T14:05"),
        ("２０２６年１１月２４日　１０：０５", "2026-11-24T10:05"),
        ("２０２６－１１－２４", "2026-11-24"),
        ("二〇二六年十一月二十四日", "2026-11-24"),
        ("二零二六年十月十日", "2026-10-10"),
        ("二〇二六年五月三日", "2026-05-03"),
        ("令和8年1月2日", "2026-01-02"),
        ("令和元年5月1日", "2019-05-01"),
        ("民國115年11月24日", "2026-11-24"),
        ("2026年11月24日 下午3:04", "2026-11-24T15:04"),
        ("2026年11月24日 上午10時05分", "2026-11-24T10:05"),
        ("2026년 1월 29일 오후 3:04", "2026-01-29T15:04"),
        ("2026-11-24 10:05 GMT+8", "2026-11-24T10:05+08:00"),
        ("Nov 24, 2026 5:30 p.m. EST", "2026-11-24T17:30-05:00"),
        ("24 Nov 2026 10:05 CST", "2026-11-24T10:05"),
        ("24 Nov 2026 10:05-9999", "2026-11-24T10:05"),
        ("1795514733", "2026-11-24T10:05:33+00:00"),
        ("1795514733123", "2026-11-24T10:05:33+00:00"),
        ("12 chapters 2026", None),
        ("version 2026.11.24.7 of 2026", "2026-11-24"),
        ("", None),
    ],
)
def test_a_date_is_read_with_the_precision_and_zone_that_it_has(written: str, expected: str | None) -> None:
    assert read_date(written) == expected


@pytest.mark.parametrize(
    ("written", "day_first", "expected"),
    [
        ("03/04/2026", True, "2026-04-03"),
        ("03/04/2026", False, "2026-03-04"),
        ("03/03/2026", None, "2026-03-03"),
        ("13/04/2026", False, "2026-04-13"),
        ("04/13/2026", True, "2026-04-13"),
        ("14/13/2026", True, None),
    ],
)
def test_dates_with_slashes_are_read_if_the_order_is_known(
    written: str, day_first: bool | None, expected: str | None
) -> None:
    assert read_date(written, day_first=day_first) == expected


def test_dates_come_in_the_order_of_the_text() -> None:
    assert list(dates_in("From 3 May 2026 to 2026-05-09, then 1 June 2026.")) == [
        "2026-05-03",
        "2026-05-09",
        "2026-06-01",
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.org/2026/11/24/tide", "2026-11-24"),
        ("https://e.org/2026-11-24-tide.html", "2026-11-24"),
        ("https://e.org/20261124/c1.html", "2026-11-24"),
        ("https://e.org/2026/TECH/space/11/24/orbit/", None),
        ("https://e.org/2026/TECH/11/24/orbit/", "2026-11-24"),
        ("https://e.org/2026/middle_east/8/3/ferry/index.html", "2026-08-03"),
        ("https://e.org/2026/top/50/3/", None),
        ("https://e.org/n1/2026/1124/c1-2.html", "2026-11-24"),
        ("https://e.org/dt/202611/t20261124_118.html", "2026-11-24"),
        ("https://e.org/news/?date=2026/11/24/", None),
        ("https://e.org/2026/13/24/tide", None),
        ("https://e.org/20261124118.html", None),
        ("https://e.org/news/118", None),
    ],
)
def test_a_date_in_a_path_is_read(url: str, expected: str | None) -> None:
    assert date_in_path(url) == expected


@given(
    st.datetimes(FIRST, LAST),
    st.sampled_from(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00", "%a, %d %b %Y %H:%M:%S GMT"]),
)
def test_machine_written_times_are_read_exactly(at: datetime, form: str) -> None:
    at = at.replace(microsecond=0)

    assert parse_moment(at.strftime(form)) == at.replace(tzinfo=UTC)
    assert read_date(at.strftime(form)) == at.isoformat() + "+00:00"


@pytest.mark.parametrize(
    "written",
    [
        "2016-12-31T23:59:60Z",
        "2017-01-01T07:59:60+08:00",
        "2016-12-31 23:59:60",
        "Sat, 31 Dec 2016 23:59:60 GMT",
        "Sat, 31 Dec 2016 18:59:60 -0500",
    ],
)
def test_a_leap_second_is_the_second_before_it(written: str) -> None:
    assert parse_moment(written) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert parse_moment(written.replace(":60", ":61")) is None


@pytest.mark.parametrize("written", ["", "x", "2026", "2026-13-01", "yesterday", "0000-00-00", "9999999999999"])
def test_an_invalid_time_is_none(written: str) -> None:
    assert parse_moment(written) is None


@given(st.text(alphabet="0123456789-/.:年月日 TZ+()ab,", max_size=600))
def test_any_text_is_accepted(text: str) -> None:
    for written in dates_in(text):
        assert len(written) >= 10
    parse_moment(text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("24 November 2026", "2026-11-24"),
        (" 2026年11月24日 ", "2026-11-24"),
        ("24. November 2026, 10:05", "2026-11-24T10:05"),
        ("20261124", "2026-11-24"),
        ("Vienna, 24 November 2026", None),
        ("23-24 November 2026", None),
        ("24 November 2026 to 3 December 2026", None),
        ("24 Harbour 2026", None),
        ("2026", None),
        ("", None),
    ],
)
def test_a_whole_text_is_a_date_only_if_nothing_else_is_in_it(written: str, expected: str | None) -> None:
    assert whole_date(written) == expected
