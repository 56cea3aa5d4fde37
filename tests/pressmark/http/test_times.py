from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pressmark.http.reader import Reader, reader
from pressmark.http.render import number
from pressmark.http.times import in_zone, local, published, relative_time, utc

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def shanghai() -> Iterator[None]:
    token = reader.set(Reader("zh-Hans", "Asia/Shanghai", NOON))
    yield
    reader.reset(token)


def test_times_are_in_the_zone_of_the_site_with_utc_beside_them(shanghai: None) -> None:
    assert (local(NOON), utc(NOON)) == ("2026-01-31 20:00:00", "2026-01-31 12:00:00 UTC")
    assert utc(NOON.astimezone()) == utc(NOON)
    assert in_zone(NOON, "Europe/Berlin") == "2026-01-31 13:00+01:00"


@pytest.mark.parametrize(
    ("later", "told"),
    [
        (timedelta(0), "0 秒前"),
        (timedelta(seconds=-59), "59 秒前"),
        (timedelta(seconds=-61), "1 分钟前"),
        (timedelta(minutes=59, seconds=59), "59 分钟后"),
        (timedelta(hours=23), "23 小时后"),
        (timedelta(days=-59), "59 天前"),
        (timedelta(days=-61), ""),
        (timedelta(days=400), ""),
    ],
)
def test_near_times_are_shown_relative_to_now(shanghai: None, later: timedelta, told: str) -> None:
    assert relative_time(NOON + later) == told


def test_relative_times_use_units_without_a_plural_in_english() -> None:
    token = reader.set(Reader(now=NOON))
    told = [relative_time(NOON + timedelta(minutes=minutes)) for minutes in (-1, 1, -120, 3000)]
    reader.reset(token)

    assert told == ["1 min ago", "in 1 min", "2 h ago", "in 2 d"]


def test_large_numbers_are_grouped() -> None:
    assert [number(count) for count in (0, 999, 1000, 1234567)] == ["0", "999", "1,000", "1,234,567"]


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("2026-01-30T08:00:59+01:00", "2026-01-30 08:00 +01:00"),
        ("2026-01-30T08:00:00+00:00", "2026-01-30 08:00 UTC"),
        ("2026-01-30T08:00:00", "2026-01-30 08:00"),
        ("2026-01-30", "2026-01-30"),
        ("2026-01", "2026-01"),
        ("in spring", "in spring"),
    ],
)
def test_the_publication_time_of_a_page_is_shown_in_its_own_zone(date: str, told: str) -> None:
    assert published(date) == told
