"""Dates without a full year in lines beside the heading."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.metadata.dateline_beside_heading import date_beside
from extractor.metadata.metadata import read_metadata

SEEN = datetime(2026, 11, 24, 10, 5, 33, tzinfo=UTC)
PROSE = f"<p>{'The ferry waits for the tide. ' * 20}</p>"


def date_of(body: str, *, lang: str = "en", at: datetime | None = SEEN, head: str = "") -> str | None:
    html = f"<html lang={lang}><head>{head}</head><body>{body}</body></html>"
    return read_metadata(Page("https://www.harbour.example/x", html.encode(), at=at)).date


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("3 hours ago", "2026-11-24T07:05+00:00"),
        ("By Ada Quist 3 hours ago", "2026-11-24T07:05+00:00"),
        ("Ada Quist · 3 hours ago · 5 min read", "2026-11-24T07:05+00:00"),
        ("Von Ada Quist, vor 2 Stunden", "2026-11-24T08:05+00:00"),
        ("3小时前", "2026-11-24T07:05+00:00"),
        ("新华社 昨天 15:04", "2026-11-23T15:04"),
        ("发布于 2小时前", "2026-11-24T08:05+00:00"),
        ("Yesterday at 3:04 PM", "2026-11-23T15:04"),
        ("The film came out two years ago", None),
        ("A storm hit the town 2 days ago", None),
        ("2 days ago a storm hit the town", None),
        ("三年前他离开了家乡", None),
        ("10年前，他离开", None),
        ("来源：今日头条", None),
        ("USA Today", None),
        ("3D", None),
        ("Ada Quist, who came to the harbour as a child, wrote this 3 hours ago", None),
    ],
)
def test_relative_times_are_read_from_lines_with_little_else(line: str, date: str | None) -> None:
    assert date_beside(line, SEEN, None) == date
    assert date_beside(line, None, None) is None


@pytest.mark.parametrize(
    ("line", "day", "month", "unknown"),
    [
        ("24.11.26", "2026-11-24", None, None),
        ("24.11.26, 10:05 Uhr", "2026-11-24T10:05", None, None),
        ("24/11/26", "2026-11-24", None, None),
        ("03/04/26", "2026-04-03", "2026-03-04", None),
        ("11/24/26", "2026-11-24", "2026-11-24", "2026-11-24"),
        ("Published 11/24/26 at 10:05 AM", "2026-11-24T10:05", "2026-11-24T10:05", "2026-11-24T10:05"),
        ("24.11.98", "1998-11-24", None, None),
        ("Version 24.11.26", None, None, None),
        ("192.24.11.26", None, None, None),
        ("He was here 24.11.26", None, None, None),
        ("24.13.26", None, None, None),
    ],
)
def test_a_year_of_two_digits_is_read_if_the_order_is_known(
    line: str, day: str | None, month: str | None, unknown: str | None
) -> None:
    assert tuple(date_beside(line, SEEN, order) for order in (True, False, None)) == (day, month, unknown)


def test_only_lines_below_the_heading_count_and_full_dates_win() -> None:
    line = "<div>Ada Quist, 3 hours ago</div>"

    assert date_of(f"<h1>The ferry waits</h1>{line}{PROSE}") == "2026-11-24T07:05+00:00"
    assert date_of(f"<h1>The ferry waits</h1>{line}{PROSE}", at=None) is None
    assert date_of(f"{line}<h1>The ferry waits</h1>{PROSE}{PROSE}{PROSE}{PROSE}{PROSE}{line}") is None
    assert date_of(f"{line}{PROSE}") is None
    assert date_of(f"<h1>The ferry waits</h1>{line}{PROSE}<div>Published 3 March 2026</div>") == "2026-03-03"
    assert date_of(f"<h1>The ferry waits</h1><div>Updated 3 hours ago</div>{PROSE}") is None
    assert date_of(f"<h1>The ferry waits</h1><div class=comments>{line}</div>{PROSE}") is None


def test_a_short_date_is_read_by_the_language_of_the_page() -> None:
    page = f"<h1>The ferry waits</h1><div>24.11.26</div>{PROSE}"

    assert [date_of(page, lang=lang) for lang in ("de", "fr-CH", "en", "ko", "zh-CN")] == (
        ["2026-11-24", "2026-11-24", None, None, None]
    )
    assert date_of(page.replace("24.11.26", "24.12.26"), lang="de") is None, "it is after the capture"


@given(st.text(alphabet="0123456789 ./agohursBy昨天前小时年:vor", max_size=80), st.sampled_from([True, False, None]))
def test_any_line_is_accepted(line: str, day_first: bool | None) -> None:
    date_beside(line, SEEN, day_first)
