"""Which ending a run of a user's spider has that kept nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from crawler.userspiders.child_exit import ChildExit, ended


@pytest.mark.parametrize(
    ("fetched", "spider", "ending"),
    [
        ({"dropped:reserved": 1}, {}, "blocked"),
        ({"dropped:reserved": 2}, {"failures": 2}, "blocked"),
        ({"dropped:robots": 1}, {"failures": 1}, "blocked"),
        ({"dropped:robots": 1, "dropped:reserved": 1}, {"failures": 2}, "blocked"),
        ({"dropped:reserved": 1}, {"failures": 51}, "failed"),
        ({"dropped:robots": 1}, {"failures": 2}, "failed"),
        ({"dropped:reserved": 1}, {"start-errors": 1}, "failed"),
        ({"dropped:reserved": 1}, {"failures": 1, "errors": 1}, "failed"),
        ({"dropped:reserved": 1}, {"item-errors": 1}, "failed"),
        ({}, {"failures": 1}, "failed"),
        ({}, {}, "empty"),
    ],
)
def test_a_run_is_blocked_if_nothing_but_the_rules_of_the_site_kept_pages_from_it(
    fetched: dict[str, int], spider: dict[str, int], ending: str
) -> None:
    told, reason = ended(Counter(fetched), Counter(spider), ChildExit(over=True), "tdm-reservation: 1")

    assert told == ending
    assert ("the site reserves the use of" in reason) is ("dropped:reserved" in fetched)
