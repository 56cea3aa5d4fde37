"""Checks by replay that people request: each is performed once, and continued by another process if one ends."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from archive.database.engine import Database
from pressmark.views.review.replay_jobs import SILENT, BeingChecked, ReplayJobs

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=5)
LATE = SOON + SILENT + timedelta(seconds=1)


def test_a_request_that_is_repeated_is_one_check(either: Database) -> None:
    jobs = ReplayJobs(either)
    first = jobs.request("r", 100, by="person anna", now=NOW)

    assert jobs.request("r", 7, by="person ben", now=SOON) == first == jobs.of_run("r")
    assert jobs.of_run("other") is None


def test_the_oldest_check_is_taken_first_and_no_other_process_takes_it_while_it_is_performed(either: Database) -> None:
    jobs = ReplayJobs(either)
    for run in ("b", "a"):
        jobs.request(run, 100, by="person anna", now=NOW)
    taken = jobs.claim("one", NOW)

    assert taken is not None
    assert (taken.run, taken.state, taken.worker) == ("b", "running", "one")
    assert [job.run for job in (jobs.claim("two", SOON), jobs.claim("three", SOON)) if job] == ["a"]


def test_a_check_whose_process_is_silent_is_taken_over_and_the_silent_process_learns_it(either: Database) -> None:
    jobs = ReplayJobs(either)
    jobs.request("r", 100, by="person anna", now=NOW)
    dead = jobs.claim("one", NOW)
    assert dead is not None
    noted = jobs.note(dead, SOON, checked=3)

    assert jobs.claim("two", SOON) is None
    taken = jobs.claim("two", LATE)

    assert taken is not None
    assert (taken.checked, taken.worker, taken.begun) == (3, "two", 2)
    with pytest.raises(BeingChecked, match="the pages of the run r are being checked already"):
        jobs.note(noted, LATE, checked=4)


def test_a_process_that_starts_again_continues_its_check_at_once(either: Database) -> None:
    jobs = ReplayJobs(either)
    jobs.request("r", 100, by="person anna", now=NOW)
    jobs.claim("one", NOW)

    again = jobs.claim("one", SOON)

    assert again is not None
    assert again.begun == 2


def test_a_check_that_was_given_back_waits_again_and_does_not_count_as_a_death(either: Database) -> None:
    jobs = ReplayJobs(either)
    jobs.request("r", 100, by="person anna", now=NOW)
    taken = jobs.claim("one", NOW)
    assert taken is not None
    jobs.give_back(taken)

    waiting, again = jobs.of_run("r"), jobs.claim("two", SOON)

    assert waiting is not None
    assert again is not None
    assert (waiting.state, waiting.worker, again.begun) == ("waiting", None, 1)


@pytest.mark.parametrize("reason", [None, "the browser is missing"])
def test_the_end_of_a_check_is_known_and_a_new_one_can_be_requested(either: Database, reason: str | None) -> None:
    jobs = ReplayJobs(either)
    taken = jobs.begin("r", 100, by="user ada", worker="one", now=NOW)
    jobs.end(taken, SOON, reason)

    ended = jobs.of_run("r")
    assert ended is not None
    assert (ended.state, ended.reason, ended.ended_at) == ("failed" if reason else "over", reason, SOON)
    assert not jobs.active()
    assert jobs.request("r", 5, by="person anna", now=LATE).state == "waiting"


def test_a_command_does_not_begin_a_check_that_another_process_performs(either: Database) -> None:
    jobs = ReplayJobs(either)
    jobs.begin("r", 100, by="user ada", worker="one", now=NOW)

    with pytest.raises(BeingChecked):
        jobs.begin("r", 100, by="user ben", worker="two", now=SOON)
    assert jobs.begin("r", 100, by="user ben", worker="two", now=LATE).worker == "two"


def test_a_command_performs_the_check_that_a_person_requested_and_no_smaller_one(either: Database) -> None:
    jobs = ReplayJobs(either)
    jobs.request("r", 5_000, by="person anna", now=NOW)

    begun = jobs.begin("r", 1, by="user ben", worker="one", now=SOON)

    assert (begun.limit, begun.by, begun.requested_at, begun.state) == (5_000, "person anna", NOW, "running")


@pytest.mark.parametrize("reason", [None, "somebody interrupted the command"])
def test_a_process_that_lost_its_check_does_not_say_how_it_ended(either: Database, reason: str | None) -> None:
    jobs = ReplayJobs(either)
    lost = jobs.begin("r", 100, by="user ada", worker="one", now=NOW)
    taken = jobs.claim("two", LATE)
    assert taken is not None
    with pytest.raises(BeingChecked):
        jobs.end(lost, LATE, reason)
    ended = jobs.end(jobs.note(taken, LATE, pages=7, checked=7), LATE)

    with pytest.raises(BeingChecked):
        jobs.end(lost, LATE, reason)
    assert jobs.of_run("r") == ended


def test_each_check_is_taken_once_by_many_processes(either: Database) -> None:
    jobs = ReplayJobs(either)
    for number in range(12):
        jobs.request(f"r{number}", 100, by="person anna", now=NOW)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda number: ReplayJobs(either).claim(f"worker {number}", NOW), range(12)))

    assert sorted(job.run for job in taken if job) == sorted(f"r{number}" for number in range(12))
