"""The log of a run, formatted for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pressmark.views.run_log import failed_urls, left_out, log_line

AT = "2026-11-24T12:30:05Z"


@pytest.mark.parametrize(
    ("dropped", "lines"),
    [
        ({"not-due": 71}, ["71 pages were not fetched, as it is not yet time for the next fetch"]),
        (
            {"not-due": 1, "robots": 2},
            ["robots.txt forbids 2 pages", "1 page was not fetched, as it is not yet time for the next fetch"],
        ),
        ({"strange": 3, "depth": 0}, ["3 pages were skipped: strange"]),
        ({}, []),
    ],
)
def test_what_a_run_left_out_is_described_in_words_the_most_frequent_first(
    dropped: dict[str, int], lines: list[str]
) -> None:
    assert left_out(dropped) == lines


def test_the_end_of_a_run_is_a_sentence() -> None:
    complete = {"listed": 80, "had": 5, "known": 71, "missing": {"robots": {"count": 4, "example": None}}}
    entry = {"at": AT, "event": "over", "outcome": "done", "reason": "pages: 5", "dropped": {"not-due": 71}}

    assert (
        log_line(entry)
        == "12:30:05 over: done: pages: 5; 71 pages were not fetched, as it is not yet time for the next fetch"
    )
    assert log_line({**entry, "complete": complete}).endswith(
        "; the site lists 80: 5 fetched now, 71 archived before, 4 missing (robots)"
    )


def test_other_events_are_shown_with_their_facts() -> None:
    assert (
        log_line({"at": AT, "event": "failure", "url": "/a", "reason": "500"}) == "12:30:05 failure url=/a reason=500"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"404": 3, "timeout": 1}, "404 (3), timeout (1)"),
        ({"robots": {"count": 4, "example": None}}, "robots (count (4), example (-))"),
        (["a", 1], "a, 1"),
        ({}, "-"),
        (True, "yes"),
    ],
)
def test_no_line_of_the_log_shows_a_python_dict_or_list(value: object, shown: str) -> None:
    assert log_line({"at": AT, "event": "failures", "facts": value}) == f"12:30:05 failures facts={shown}"


def test_the_failed_urls_are_those_that_the_log_names(tmp_path: Path) -> None:
    directory = tmp_path / "logs" / "runs"
    directory.mkdir(parents=True)
    events = [
        {"at": AT, "event": "failure", "url": "https://a.example/1", "reason": "timeout"},
        {"at": AT, "event": "failures", "count": 1, "by_reason": {"timeout": 1}},
    ]
    (directory / "r.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))

    assert [(one.url, one.reason) for one in failed_urls(tmp_path, "r")] == [("https://a.example/1", "timeout")]
    assert failed_urls(tmp_path, "other") == []
