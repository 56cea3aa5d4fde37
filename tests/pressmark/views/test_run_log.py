"""The log of a run, as people read it."""

from __future__ import annotations

import pytest

from pressmark.views.run_log import left_out, told

AT = "2026-11-24T12:30:05Z"


@pytest.mark.parametrize(
    ("dropped", "lines"),
    [
        ({"not-due": 71}, ["71 pages were not due"]),
        ({"not-due": 1, "robots": 2}, ["robots.txt forbids 2 pages", "1 page was not due"]),
        ({"strange": 3, "depth": 0}, ["3 pages were skipped: strange"]),
        ({}, []),
    ],
)
def test_what_a_run_left_out_is_told_in_words_the_most_first(dropped: dict[str, int], lines: list[str]) -> None:
    assert left_out(dropped) == lines


def test_the_end_of_a_run_is_a_sentence() -> None:
    complete = {"listed": 80, "had": 5, "known": 71, "missing": {"robots": {"count": 4, "example": None}}}
    entry = {"at": AT, "event": "over", "outcome": "done", "reason": "pages: 5", "dropped": {"not-due": 71}}

    assert told(entry) == "12:30:05 over: done: pages: 5; 71 pages were not due"
    assert told({**entry, "complete": complete}).endswith(
        "; the site lists 80: 5 fetched now, 71 archived before, 4 missing (robots)"
    )


def test_other_events_are_told_by_their_facts() -> None:
    assert told({"at": AT, "event": "failure", "url": "/a", "reason": "500"}) == "12:30:05 failure url=/a reason=500"
