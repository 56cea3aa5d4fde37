"""Times relative to the capture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.values.relative import relative_date

SEEN = datetime(2026, 11, 24, 10, 5, 33, tzinfo=UTC)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3 hours ago", "2026-11-24T07:05+00:00"),
        ("posted an hour ago by ada", "2026-11-24T09:05+00:00"),
        ("5 min ago", "2026-11-24T10:00+00:00"),
        ("Just now", "2026-11-24T10:05+00:00"),
        ("2 days ago", "2026-11-22"),
        ("2 weeks ago", "2026-11-10"),
        ("3 months ago", "2026-08"),
        ("11 months ago", "2025-12"),
        ("5 years ago", "2021"),
        ("3h", "2026-11-24T07:05+00:00"),
        ("2d ago", "2026-11-22"),
        ("Yesterday at 3:04 PM", "2026-11-23T15:04"),
        ("Today, 10:00", "2026-11-24T10:00"),
        ("Monday at 9:14 PM", "2026-11-23T21:14"),
        ("Wednesday at 9:14 PM", "2026-11-18T21:14"),
        ("3 小时前", "2026-11-24T07:05+00:00"),
        ("10分鐘前", "2026-11-24T09:55+00:00"),
        ("半小时前", "2026-11-24T09:35+00:00"),
        ("３天前", "2026-11-21"),
        ("3个月前", "2026-08"),
        ("刚刚", "2026-11-24T10:05+00:00"),
        ("昨天 15:04", "2026-11-23T15:04"),
        ("昨天下午3:04", "2026-11-23T15:04"),
        ("前天", "2026-11-22"),
        ("今天 09:12:33", "2026-11-24T09:12:33"),
        ("3時間前", "2026-11-24T07:05+00:00"),
        ("3시간 전", "2026-11-24T07:05+00:00"),
        ("vor 3 Stunden", "2026-11-24T07:05+00:00"),
        ("Gestern um 15:04 Uhr", "2026-11-23T15:04"),
        ("il y a 2 jours", "2026-11-22"),
        ("hace 3 horas", "2026-11-24T07:05+00:00"),
        ("5 часов назад", "2026-11-24T05:05+00:00"),
        ("half an hour ago", "2026-11-24T09:35+00:00"),
        ("a few seconds ago", "2026-11-24T10:05+00:00"),
        ("3 hrs. ago", "2026-11-24T07:05+00:00"),
        ("2 days, 3 hours ago", "2026-11-22T07:05+00:00"),
        ("3 years, 4 months ago", "2023-07"),
        ("2 months, 1 week ago", "2026-09"),
        ("Wed at 5:12 PM", "2026-11-18T17:12"),
        ("1小时15分钟前", "2026-11-24T08:50+00:00"),
        ("两天前", "2026-11-22"),
        ("大前天 10:00", "2026-11-21T10:00"),
        ("周三 15:04", "2026-11-18T15:04"),
        ("星期一 下午 3:04", "2026-11-23T15:04"),
        ("上周二 15:04", "2026-11-17T15:04"),
        ("上周一 15:04", "2026-11-16T15:04"),
        ("see you on Monday", None),
        ("周三见", None),
        ("the hierarchy of tides", None),
        ("three days later", None),
        ("in 3 hours", None),
        ("2026-11-24", None),
        ("", None),
    ],
)
def test_the_result_has_the_precision_of_the_text(written: str, expected: str | None) -> None:
    assert relative_date(written, SEEN) == expected


def test_yesterday_is_in_the_zone_of_the_capture_time() -> None:
    just_after_midnight = datetime(2026, 11, 24, 0, 30, tzinfo=timezone(timedelta(hours=8)))

    assert relative_date("昨天 15:04", just_after_midnight) == "2026-11-23T15:04"
    assert relative_date("昨天 15:04", just_after_midnight.astimezone(UTC)) == "2026-11-22T15:04"
    assert relative_date("1 小时前", just_after_midnight) == "2026-11-23T15:30+00:00"


@given(st.text(alphabet="0123456789 agohurs昨天前小时年:vor", max_size=300))
def test_any_text_is_accepted(text: str) -> None:
    relative_date(text, SEEN)
