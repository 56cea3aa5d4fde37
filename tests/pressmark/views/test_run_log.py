"""The log of a run, formatted for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pressmark.views.run_log import AnswerTimes, answer_times, drawn_page, drawn_pages, failed_urls, left_out, log_line

AT = "2026-11-24T12:30:05Z"


@pytest.mark.parametrize(
    ("dropped", "lines"),
    [
        ({"not-due": 71}, ["71 pages were not fetched, as it is not yet time for the next fetch"]),
        (
            {"not-due": 1, "robots": 2},
            [
                "the file robots.txt of the site forbids programs to fetch 2 pages",
                "1 page was not fetched, as it is not yet time for the next fetch",
            ],
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


def test_the_pages_of_the_browser_are_summed_up_and_the_first_and_last_hundred_are_kept(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "runs"
    logs.mkdir(parents=True)
    rendered = [
        {"at": AT, "event": "drawn", "url": f"http://a.example/{n}", "requests": 2, "seconds": 0.5} for n in range(250)
    ]
    failed = {"at": AT, "event": "not-drawn", "url": "http://a.example/0", "reason": "the browser ended"}
    (logs / "r.jsonl").write_text("".join(json.dumps(one) + "\n" for one in [*rendered, failed]))

    pages = drawn_pages(tmp_path, "r")
    last = drawn_page(tmp_path, "r", "http://a.example/0")

    assert (pages.rendered, pages.requests, pages.seconds) == (250, 500, 125.0)
    assert [one.url for one in pages.first] == [one["url"] for one in rendered[:100]]
    assert [one.url for one in pages.last] == [*(one["url"] for one in rendered[151:]), failed["url"]]
    assert pages.unshown == 51
    assert last is not None
    assert last.problem == "the browser ended"
    assert drawn_page(tmp_path, "r", "http://a.example/none") is None


def test_few_pages_of_the_browser_are_kept_once_each(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "runs"
    logs.mkdir(parents=True)
    (logs / "r.jsonl").write_text(json.dumps({"at": AT, "event": "drawn", "url": "http://a.example/"}) + "\n")

    pages = drawn_pages(tmp_path, "r")

    assert (len(pages.first), len(pages.last), pages.unshown) == (1, 0, 0)


def test_the_times_of_answers_are_read_from_the_end_of_a_log(tmp_path: Path) -> None:
    logs = tmp_path / "logs" / "runs"
    logs.mkdir(parents=True)
    times = {"answers": 40, "mean_ms": 120, "slowest_ms": 900}
    over = json.dumps({"at": AT, "event": "over", "outcome": "done", "times": times})
    named = json.dumps({"at": AT, "event": "failure", "reason": '"over"', "url": "/" * 400})
    filler = "x" * (300 << 10)
    (logs / "1.jsonl").write_text("\n".join([named, filler, over, *[named] * 100, '{"event": "over", "torn']) + "\n")
    (logs / "2.jsonl").write_text(json.dumps({"at": AT, "event": "over", "times": None}) + "\n")
    (logs / "3.jsonl").write_text(over + "\n" + filler + "\n")

    assert answer_times(tmp_path, "1") == AnswerTimes(40, 120, 900)
    assert answer_times(tmp_path, "2") is None
    assert answer_times(tmp_path, "3") is None, "only the end is read"
    assert answer_times(tmp_path, "4") is answer_times(tmp_path, "../runs/1") is None
