"""Work in jobs: each job is done once, stage by stage, and what a late process does has no effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from archive.database.engine import Database
from archive.database.schema import batch_jobs
from archive.texts.left_jobs import FAILED_OFTEN
from scheduler.ledger.batch_values import BatchIsOver, BatchJob, LateWorker, UnknownBatch
from scheduler.ledger.batches import PLAN, SUMMARY, Batches

LEASE = timedelta(seconds=60)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def batches(either: Database) -> Batches:
    return Batches(either, now=now, lease=LEASE)


def taken(batches: Batches, worker: str = "one") -> BatchJob:
    job = batches.claim(worker)
    assert job is not None
    return job


def planned(batches: Batches, *names: str) -> str:
    """Request an audit, and do its first job."""
    batch, _ = batches.request("audit", {}, "somebody")
    batches.finish(taken(batches), {}, add=names)
    return batch.id


def passed(either: Database, time: timedelta) -> None:
    """Let time pass for all jobs: the clock of PostgreSQL can't be set."""
    with either.writing() as connection:
        for row in connection.execute(batch_jobs.select()).all():
            mine = (batch_jobs.c.batch == row.batch, batch_jobs.c.name == row.name)
            values = {"until": row.until and row.until - time, "due_at": row.due_at - time}
            connection.execute(batch_jobs.update().where(*mine).values(**values))


def test_a_job_is_free_again_once_the_lease_of_a_killed_process_is_over(batches: Batches, either: Database) -> None:
    batch = planned(batches, "a", "b")
    assert [row.name for row in batches.left(batch, 9) if row.is_free] == ["a", "b", SUMMARY]

    taken(batches)
    assert [(row.name, bool(row.is_free)) for row in batches.left(batch, 1)] == [("a", False)]

    passed(either, LEASE)
    assert [row.name for row in batches.left(batch, 9) if not row.is_free] == []


def test_jobs_are_done_stage_by_stage_and_the_last_one_writes_the_result(batches: Batches) -> None:
    batch, is_new = batches.request("audit", {}, "somebody")
    same, again = batches.request("audit", {}, "somebody else")
    plan = taken(batches)
    assert (is_new, again, same.id, plan.name, batches.claim("two")) == (True, False, batch.id, PLAN, None)
    batches.finish(plan, {"jobs": 2}, add=["a", "b"])
    first, second = taken(batches), taken(batches, "two")
    assert (first.name, second.name, batches.claim("three")) == ("a", "b", None)
    batches.finish(second, {"checked": 2})
    assert batches.claim("three") is None  # one of the stage is not done
    batches.finish(first, {"checked": 1})
    last = taken(batches)
    assert (last.name, batches.get(batch.id).result) == (SUMMARY, None)
    batches.finish(last, {}, ends={"checked": 3})

    assert (batches.get(batch.id).outcome, batches.get(batch.id).result) == ("done", {"checked": 3})
    assert dict(batches.results(batch.id)) == {
        PLAN: {"jobs": 2},
        "a": {"checked": 1},
        "b": {"checked": 2},
        SUMMARY: {},
    }
    assert batches.request("audit", {}, "somebody")[1]
    with pytest.raises(UnknownBatch):
        batches.get("audit-x")


def test_a_request_joins_no_batch_of_which_a_part_has_begun_unless_it_says_so(batches: Batches) -> None:
    id_ = planned(batches, "a", "b")
    assert batches.request("audit", {}, "somebody") == (batches.get(id_), False)
    taken(batches)
    new, is_new = batches.request("audit", {}, "somebody")
    begun, also_new = batches.request("audit", {}, "somebody", joins_begun=True)

    assert (new.id == id_, is_new, begun.id in (id_, new.id), also_new) == (False, True, True, False)


def test_a_job_of_a_dead_process_is_done_by_another_and_what_the_first_one_writes_is_refused(
    batches: Batches, either: Database
) -> None:
    id_ = planned(batches, "a")
    first = taken(batches)
    batches.renew(first)
    assert batches.claim("two") is None
    passed(either, 2 * LEASE)
    second = taken(batches, "two")

    late = [partial(batches.finish, first, {"checked": 99}), partial(batches.finish, first, {}, ends={"wrong": 0})]
    for act in (*late, partial(batches.renew, first), partial(batches.give_back, first)):
        with pytest.raises(LateWorker):
            act()
    assert (second.name, batches.get(id_).outcome, batches.progress(id_).done) == ("a", None, 1)
    batches.finish(second, {"checked": 1})
    assert dict(batches.results(id_))["a"] == {"checked": 1}
    with pytest.raises(LateWorker):
        batches.finish(second, {"checked": 1})


def test_a_job_that_fails_waits_longer_each_time_and_keeps_the_batch_open(batches: Batches, either: Database) -> None:
    id_ = planned(batches, "a", "b")
    for _ in range(FAILED_OFTEN):
        job = taken(batches)
        assert job.name == "a"
        batches.give_back(job, "the store is tired")
        other = taken(batches)
        assert other.name == "b"
        batches.give_back(other)
        passed(either, timedelta(hours=1))
    batches.finish(taken(batches), {})
    batches.finish(taken(batches), {})
    so_far = batches.progress(id_)

    assert (so_far.failing, batches.get(id_).outcome, taken(batches).name) == (0, None, SUMMARY)


def test_progress_names_a_job_that_fails_again_and_again(batches: Batches, either: Database) -> None:
    id_ = planned(batches, "a", "b")
    for _ in range(FAILED_OFTEN):
        job = taken(batches)
        assert job.name == "a"
        batches.give_back(job, "the store is tired")
        passed(either, timedelta(hours=1))
    batches.give_back(taken(batches), "the store is tired")
    other = taken(batches)
    so_far = batches.progress(id_)

    assert (so_far.total, so_far.done, so_far.failing, so_far.is_stuck) == (4, 1, 1, False)
    assert (so_far.first, so_far.problem) == ("a", "the store is tired")
    batches.finish(other, {})
    assert batches.progress(id_).is_stuck


def test_no_job_of_a_cancelled_batch_is_taken_and_what_is_done_stays(batches: Batches) -> None:
    id_ = planned(batches, "a", "b", "c")
    batches.finish(taken(batches), {"checked": 1})
    busy = taken(batches)
    cancelled = batches.cancel(id_)

    assert (cancelled.outcome, batches.claim("two"), cancelled.result) == ("cancelled", None, None)
    with pytest.raises(LateWorker):
        batches.renew(busy)
    batches.finish(busy, {"checked": 2})  # it was done before anybody told its process
    assert {name for name, _ in batches.results(id_)} == {PLAN, "a", "b"}
    with pytest.raises(BatchIsOver):
        batches.cancel(id_)


def test_a_rebuild_goes_before_an_audit_and_old_batches_are_forgotten(batches: Batches, either: Database) -> None:
    batches.request("audit", {}, "somebody")
    rebuild, _ = batches.request("rebuild", {"full": True}, "somebody")
    job = taken(batches)
    assert (job.batch, dict(job.options)) == (rebuild.id, {"full": True})
    for one in batches.open():
        batches.cancel(one.id)
    for _ in range(25):
        batches.cancel(batches.request("audit", {}, "somebody")[0].id)

    with either.reading() as connection:
        kept = len(connection.execute(batch_jobs.select()).all())
    assert kept == len(batches.newest(100)) == 21
