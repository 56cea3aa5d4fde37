"""The strip of a source: a mark for each of its last runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import cast

import pytest

from crawler.policy.order import Ending
from pressmark.http.marks import strip
from pressmark.http.reader import Reader, reader
from scheduler.ledger.history import Mark

AT = datetime(2026, 1, 31, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("whose", "title"),
    [
        (Reader(), "failed 2026-01-31 12:05:00"),
        (Reader("zh-Hans", "Asia/Shanghai"), "失败 2026-01-31 20:05:00"),
        (Reader("zh-Hans"), "失败 2026-01-31 12:05:00"),
    ],
)
def test_a_mark_shows_how_and_when_a_run_ended_in_the_readers_language_and_zone(whose: Reader, title: str) -> None:
    before = reader.set(whose)
    try:
        made = strip([Mark("a", "failed", AT)])
    finally:
        reader.reset(before)

    told = f"1 {title.split(maxsplit=1)[0]}"
    assert f'<path class="failed" d="M0 0h7v18h-7z"><title>{title}</title></path></svg>' in made
    assert made.endswith(f'<span class="unseen">{told}</span>')


def test_a_strip_counts_each_outcome_in_the_order_of_its_marks() -> None:
    outcomes: list[Ending] = ["done", "failed", "done", "done"]
    made = strip([Mark("a", outcome, AT) for outcome in outcomes])

    drawn = {outcome: re.findall(r"M(\d+)", path) for outcome, path in re.findall(r'class="(\w+)" d="([^"]+)"', made)}
    assert drawn == {"done": ["0", "18", "27"], "failed": ["9"]}
    assert made.endswith('<span class="unseen">3 done, 1 failed</span>')
    assert strip(()) == '<span class="soft">none yet</span>'


def test_the_text_of_a_mark_is_escaped() -> None:
    odd = cast(Ending, '"><script>')

    assert "<script>" not in strip([Mark("a", odd, AT)])
