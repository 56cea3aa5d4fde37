"""The strip of a source: a mark for each of its last runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import pytest

from crawler.order import Ending
from pressmark.web.marks import marks
from pressmark.web.reader import Reader, reader
from scheduler.history import Mark

AT = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("whose", "title"),
    [
        (Reader(), "failed 2026-01-31 12:05:00"),
        (Reader("zh-Hans", "Asia/Shanghai"), "失败 2026-01-31 20:05:00"),
        (Reader("zh-Hans"), "失败 2026-01-31 12:05:00"),
    ],
)
def test_a_mark_says_how_a_run_ended_and_when_as_its_reader_wants_it(whose: Reader, title: str) -> None:
    before = reader.set(whose)
    try:
        made = marks([Mark("a", "failed", AT)])
    finally:
        reader.reset(before)

    assert made == f'<i class="failed" title="{title}"></i>'


def test_what_a_mark_is_made_of_is_escaped() -> None:
    odd = cast(Ending, '"><script>')

    assert "<script>" not in marks([Mark("a", odd, AT)])
