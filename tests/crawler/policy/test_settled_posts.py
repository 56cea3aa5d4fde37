"""Posts are settled once the newest is older than the shortest interval of their page, whatever zone it is in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.policy.settled_posts import are_settled

NOW = datetime(2026, 11, 30, 20, tzinfo=UTC)
LEAST = timedelta(hours=6)


@pytest.mark.parametrize(
    "dates",
    [
        ["2026-11-30T13:59:00+00:00"],
        ["2026-11-30T21:59:00+08:00", "2024-03-30T22:15:00+00:00"],
        ["2026-11-29T13:59"],
        ["2026-11-28"],
    ],
)
def test_posts_that_are_older_than_the_interval_are_settled(dates: list[str | None]) -> None:
    assert are_settled(dates, NOW, LEAST)


@pytest.mark.parametrize(
    "dates",
    [
        [],
        [None],
        ["2026-11"],
        ["2026-11-30T14:01:00+00:00"],
        ["2024-03-30T22:15:00+00:00", "2026-11-30T22:01:00+08:00"],
        ["2026-11-29T14:01"],  # in a zone that the page does not say
        ["2026-11-30"],
        ["2024-03-30T22:15:00+00:00", None],
    ],
)
def test_a_page_with_a_post_that_may_be_younger_is_not(dates: list[str | None]) -> None:
    assert not are_settled(dates, NOW, LEAST)
