"""Segments that wait for their texts: one process has each at a time, and another gets it once that one is dead."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from queue import Queue

import pytest
from services.databases import SQLITE_ONLY
from specimens.captures import NOON
from specimens.indexes import opened
from specimens.plans import asked, plan
from sqlalchemy import event, select

from archive.database.engine import Database
from archive.database.schema import reading_jobs, segments
from archive.index.index import Index
from archive.texts.left_jobs import FAILED_OFTEN
from archive.texts.reading_jobs import CHANNEL, LateReader, ReadingJob, ReadingJobs

LEASE = timedelta(seconds=60)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def jobs(either: Database) -> ReadingJobs:
    """Provide three segments in the store, and one that is not there yet."""
    index = Index(either, now=lambda: NOON)
    for name in ("a", "b", "c", "open"):
        opened(index, name)
    with either.writing() as connection:
        connection.execute(segments.update().where(segments.c.name != "open").values(object_key="warc/x"))
    return ReadingJobs(either, now=now, lease=LEASE)


def taken(jobs: ReadingJobs, reader: str = "one") -> ReadingJob:
    job = jobs.claim(reader)
    assert job is not None
    return job


def passed(either: Database, time: timedelta) -> None:
    """Let time pass for all jobs: the clock of PostgreSQL can't be set."""
    with either.writing() as connection:
        for row in connection.execute(reading_jobs.select()).all():
            values = {"until": row.until and row.until - time, "due_at": row.due_at - time}
            connection.execute(reading_jobs.update().where(reading_jobs.c.segment == row.segment).values(**values))


def is_refused(jobs: ReadingJobs, either: Database, job: ReadingJob) -> bool:
    """Return whether nothing that a process with this job can do has an effect."""
    acts = [partial(act, job) for act in (jobs.renew, jobs.finish, jobs.give_back)]
    for act in (*acts, partial(jobs.fence(job), None)):
        with pytest.raises(LateReader):
            act()
    with either.writing() as connection, pytest.raises(LateReader):
        jobs.fence(job)(connection)
    return True


def test_a_job_is_free_again_once_the_lease_of_a_killed_reader_is_over(jobs: ReadingJobs, either: Database) -> None:
    jobs.add([("a", ["1"])])
    assert [bool(row.is_free) for row in jobs.left_again(9)] == [True]
    while taken(jobs).segment != "a":
        pass
    assert [bool(row.is_free) for row in jobs.left_again(9)] == [False]

    passed(either, LEASE)
    assert [bool(row.is_free) for row in jobs.left_again(9)] == [True]


def test_each_segment_in_the_store_is_taken_once_and_new_ones_first(jobs: ReadingJobs) -> None:
    jobs.add([("a", {"r2", "r1"}), ("open", None)])
    jobs.add([("b", None), ("c", None)])
    jobs.add([("b", None)])

    assert jobs.waiting().count == 4
    assert [(job.segment, job.records) for job in (taken(jobs), taken(jobs), taken(jobs))] == [
        ("b", None),
        ("c", None),
        ("a", frozenset({"r1", "r2"})),
    ]
    assert jobs.claim("one") is None


def test_a_job_of_a_silent_process_goes_to_another_and_the_first_one_changes_nothing_any_more(
    jobs: ReadingJobs, either: Database
) -> None:
    jobs.add_unread("a")
    first = taken(jobs, "one")
    jobs.renew(first)
    assert jobs.claim("two") is None
    passed(either, 2 * LEASE)
    second = taken(jobs, "two")

    assert (second.segment, second.epoch > first.epoch, second.at > first.at) == ("a", True, True)
    assert is_refused(jobs, either, first)
    jobs.finish(second)
    assert jobs.waiting().count == 0
    with pytest.raises(LateReader):
        jobs.finish(second)


def test_a_job_that_was_taken_a_moment_later_than_another_looked_is_not_taken_from_its_process(
    jobs: ReadingJobs, either: Database
) -> None:
    jobs.add_unread("a")
    first = taken(jobs)
    taken_until(either, now() + LEASE * 1.5)

    assert jobs.claim("two") is None
    taken_until(either, now() + LEASE * 10)  # by a wrong clock
    assert (taken(jobs, "two").epoch, is_refused(jobs, either, first)) == (first.epoch + 1, True)


def taken_until(either: Database, until: datetime) -> None:
    with either.writing() as connection:
        connection.execute(reading_jobs.update().values(until=until))


def test_a_job_that_fails_waits_longer_each_time_and_one_that_is_given_back_does_not(
    jobs: ReadingJobs, either: Database
) -> None:
    jobs.add_unread("a")
    jobs.give_back(taken(jobs))
    for _ in range(FAILED_OFTEN):
        assert jobs.failing() is None
        jobs.give_back(taken(jobs), "its file is damaged")
        assert jobs.claim("two") is None
        passed(either, timedelta(minutes=1))

    failing = jobs.failing()
    assert failing is not None
    assert (failing.count, failing.segment, failing.problem) == (1, "a", "its file is damaged")
    assert taken(jobs).segment == "a"


def test_records_are_added_to_a_job_and_the_process_that_has_it_is_late(jobs: ReadingJobs, either: Database) -> None:
    jobs.add([("a", {"r1"})])
    first = taken(jobs)
    jobs.add([("a", {"r1"})])
    jobs.renew(first)
    jobs.add([("a", {"r2"})])

    assert is_refused(jobs, either, first)
    assert taken(jobs).records == {"r1", "r2"}
    assert jobs.left_of(["a", "b"]) == {"a": 0}


def test_who_had_an_earlier_job_of_a_segment_may_not_end_the_present_one(jobs: ReadingJobs, either: Database) -> None:
    jobs.add([("a", {"r1"})])
    paused = taken(jobs, "one")
    passed(either, 2 * LEASE)
    jobs.finish(taken(jobs, "two"))
    jobs.add([("a", {"r2"})])
    present = taken(jobs, "three")

    assert is_refused(jobs, either, paused)
    jobs.renew(present)


def test_records_that_are_added_while_a_process_ends_its_job_are_not_lost(jobs: ReadingJobs, either: Database) -> None:
    jobs.add([("a", {"r1"})])
    job, ended = taken(jobs), list[threading.Thread]()

    def end() -> None:
        with suppress(LateReader):
            jobs.finish(job)

    def between(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("UPDATE reading_jobs SET records") and not ended:
            ended.append(threading.Thread(target=end))
            ended[0].start()
            ended[0].join(1)

    event.listen(either.engine, "before_cursor_execute", between)
    jobs.add([("a", {"r2"})])
    ended[0].join(60)

    assert jobs.left_of("a") == {"a": 0}
    assert taken(jobs).records == {"r1", "r2"}


@SQLITE_ONLY
def test_a_claim_sorts_no_jobs(jobs: ReadingJobs, either: Database) -> None:
    jobs.add([("a", {"r1"}), ("b", None)])
    with asked(either) as queries:
        taken(jobs)
        taken(jobs)
    plans = [plan(either, *query) for query in queries if query[0].startswith("SELECT") and "LIMIT" in query[0]]
    control = plan(either, "SELECT * FROM reading_jobs ORDER BY records IS NOT NULL, requested_at LIMIT 1", ())

    assert ["ix_reading_jobs_unread" in one for one in plans] == [True, True, False]
    assert [("ix_reading_jobs_again" in one, "TEMP B-TREE" in one) for one in plans[2:]] == [(True, False)]
    assert "TEMP B-TREE" in control


@pytest.mark.postgresql
def test_a_claim_waits_for_no_other_one_and_new_jobs_are_announced(jobs: ReadingJobs, either: Database) -> None:
    if not either.is_shared:
        pytest.skip("SQLite has one writer, and announces nothing")
    heard, over = Queue[None](), threading.Event()
    jobs.add([("a", None), ("b", None)])
    listening = threading.Thread(target=either.listen, args=(CHANNEL, lambda: heard.put(None), over.is_set))
    listening.start()
    try:
        heard.get(timeout=30)  # it listens
        with either.taking() as connection:
            connection.execute(select(reading_jobs).where(reading_jobs.c.segment == "a").with_for_update())
            assert taken(jobs).segment == "b"
            assert jobs.claim("two") is None
        assert heard.empty()
        jobs.give_back(taken(jobs))
        heard.get(timeout=30)
    finally:
        over.set()
        listening.join(30)
    assert not listening.is_alive()


def test_jobs_to_read_again_are_cancelled_and_who_has_one_changes_nothing_any_more(
    jobs: ReadingJobs, either: Database
) -> None:
    jobs.add([("a", {"r1"}), ("b", None)])
    jobs.add([("c", {"r3"})])
    unread, again = taken(jobs), taken(jobs)
    assert (unread.segment, again.segment) == ("b", "a")
    assert (jobs.waiting(again=True).count, jobs.waiting().count) == (2, 3)

    assert jobs.cancel_again() == 2
    assert is_refused(jobs, either, again)
    assert (jobs.waiting(again=True).count, jobs.waiting().count) == (0, 1)
    jobs.finish(unread)


def test_who_waits_for_jobs_sees_that_others_have_cancelled_them_and_none_that_were_added_since(
    jobs: ReadingJobs,
) -> None:
    before = jobs.add([("a", {"r1"})])
    assert jobs.cancelled_since(before) == set()
    assert jobs.cancel_again() == 1
    assert jobs.cancel_again() == 0
    assert jobs.cancelled_since(before) == {"a"}
    later = jobs.add([("b", {"r1"})])
    assert jobs.cancelled_since(later) == set()
    assert jobs.waiting(again=True).count == 1
    jobs.cancel_again()
    assert (jobs.cancelled_since(before), jobs.cancelled_since(later)) == ({"a", "b"}, {"b"})
    for _ in range(30):
        jobs.add([("c", {"r1"})])
        jobs.cancel_again()
    assert jobs.cancelled_since(before) == {"c"}
