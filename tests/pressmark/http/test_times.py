from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.duration import duration_in_words
from pressmark.http.reader import Reader, reader
from pressmark.http.render import number
from pressmark.http.sentences import plain
from pressmark.http.times import in_zone, local, published, relative_time, translated_duration, utc

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


@pytest.mark.parametrize(
    ("sentence", "chinese"),
    [
        ("the time limit of 1 hour 30 minutes was reached", "已达到时间上限（1 小时 30 分钟）"),
        ("the time limit of 1 day was reached", "已达到时间上限（1 天）"),
        ("every 2 days 12 hours", "每 2 天 12 小时"),
    ],
)
def test_a_duration_in_a_sentence_is_chinese_in_chinese(sentence: str, chinese: str) -> None:
    assert plain(sentence, "zh-Hans") == chinese
    assert plain(sentence, "en") == sentence


@pytest.mark.parametrize("text", ["6h", "1 hour of", "about 1 hour", "1 our", "", "hours"])
def test_any_other_text_is_not_a_duration(text: str) -> None:
    assert translated_duration(text, "zh-Hans") is None


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36525)))
def test_every_duration_in_words_is_translated_whole(duration: timedelta) -> None:
    said = translated_duration(duration_in_words(duration), "zh-Hans")

    assert said is not None
    assert not re.search(r"[A-Za-z%]", said), said
