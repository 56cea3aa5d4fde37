"""A worker whose ledger is away or refuses to write: nothing is lost, and it says what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from services.ledgers import Ledger, kept
from services.waiting import until
from services.workers import Crawls, outcome_of, story, working

from archive.values.errors import DatabaseRefused, DatabaseUnreachable
from config.load import Sources
from config.source import Source
from crawler.policy.order import Order, Outcome
from scheduler.run import Run
from scheduler.workers.orders import Orders


@story
async def test_a_temporarily_unwritable_ledger_loses_nothing(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("a")
    broken: list[object] = []
    finish = ledger.runs.finish

    def finish_later(run: Run, outcome: Outcome) -> Run:
        if len(broken) < 3:
            broken.append(run)
            raise OSError("database is locked")
        return finish(run, outcome)

    ledger.runs.finish = finish_later  # type: ignore[method-assign]
    async with working(ledger, orders, crawls):
        await until(lambda: crawls.ends)
        crawls.over("a", kept())
        await until(lambda: ledger.runs.get(run.id).status == "over")

    assert (len(broken), outcome_of(ledger, run)) == (3, ("done", None))


@story
async def test_a_crawl_begins_once_the_ledger_says_what_it_follows(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    errors: list[Exception] = [DatabaseUnreachable("postgresql://db.example/p", "it is away"), OSError("locked")]
    seen: list[list[Order]] = []
    configured = ledger.runs.configured

    def configured_later(run: Run, source: Source) -> Run:
        seen.append(list(crawls.orders))
        if errors:
            raise errors.pop()
        return configured(run, source)

    ledger.runs.configured = configured_later  # type: ignore[method-assign]
    async with working(ledger, orders, crawls):
        await until(lambda: crawls.ends)
        written = ledger.runs.get(run.id).config_hash

    assert seen == [[], [], []]
    assert written == Sources(orders._sources.directory).get("a").config_hash


@contextmanager
def away(ledger: Ledger, call: str) -> Iterator[None]:
    """Let the database be away for one call of the ledger, which a worker that stops tries for a moment only."""

    def refused(*_: object) -> Run:
        raise DatabaseUnreachable("postgresql://db.example/p", "it is away")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scheduler.workers.worker._GIVES_BACK_WITHIN", 0.1)
        patch.setattr(ledger.runs, call, refused)
        yield


@story
async def test_a_worker_that_stops_before_a_run_is_written_does_not_crawl_it(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    with away(ledger, "configured"):
        async with working(ledger, orders, crawls) as worker:
            await until(lambda: worker.problem)

    assert (ledger.runs.get(run.id).status, crawls.orders) == ("queued", [])


@story
async def test_a_worker_stopped_while_the_ledger_is_away_leaves_its_runs_to_be_taken_back(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    with away(ledger, "finish"):
        async with working(ledger, orders, crawls):
            await until(lambda: crawls.ends)
    left = ledger.runs.get(run.id)
    ledger.time.passes(seconds=61)
    ledger.runs.recover()
    back = ledger.runs.get(run.id)

    assert (left.status, back.status, back.attempt) == ("running", "queued", 2)


@story
async def test_a_worker_says_why_the_end_of_a_run_is_not_recorded_until_it_is(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    async with working(ledger, orders, crawls) as worker:
        await until(lambda: crawls.ends)
        rename(ledger, "run_totals", "gone")
        crawls.over("a", kept())
        await until(lambda: worker.problem)
        told = str(worker.problem)
        rename(ledger, "gone", "run_totals")
        await until(lambda: ledger.runs.get(run.id).status == "over")
        await until(lambda: worker.problem is None)

    assert "run_totals" in told


def rename(ledger: Ledger, table: str, name: str) -> None:
    with ledger.database.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")


@story
async def test_a_run_starts_when_the_ledger_can_give_the_remaining_quota(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    answers = iter([DatabaseUnreachable("postgresql://db.example/p", "it is away"), 300])

    def received(source: str) -> int:
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    run = ledger.request("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.policy.backoff.AGAIN", 0.01)
        patch.setattr(ledger.runs, "received", received)
        async with working(ledger, orders, crawls):
            await until(lambda: crawls.ends or ledger.runs.get(run.id).status == "over")

    assert [order.source.limits.bytes for order in crawls.orders] == [700]


@story
async def test_a_worker_stops_while_nobody_can_give_the_remaining_quota(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    asked = asyncio.Event()

    def received(source: str) -> int:
        asked.set()
        raise DatabaseUnreachable("postgresql://db.example/p", "it is away")

    run = ledger.request("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.policy.backoff.AGAIN", 0.01)
        patch.setattr(ledger.runs, "received", received)
        async with working(ledger, orders, crawls):
            await until(asked.is_set)

    assert crawls.orders == []
    assert ledger.runs.get(run.id).status == "queued"


@story
async def test_a_run_waits_while_the_ledger_refuses_to_give_the_remaining_quota(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    asked = 0

    def received(source: str) -> int:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise DatabaseRefused("postgresql://db.example/p", "permission denied for table runs")
        return 300

    run = ledger.request("a")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crawler.run.interruptions._FIRST_WAIT", 0.2)
        patch.setattr(ledger.runs, "received", received)
        async with working(ledger, orders, crawls) as worker:
            await until(lambda: asked == 1 and ledger.runs.get(run.id).status == "queued")
            waiting, problem = ledger.runs.get(run.id), worker.problem
            await until(lambda: crawls.ends)

    told = "the database postgresql://db.example/p can't be used: permission denied for table runs"
    assert (waiting.outcome, waiting.reason, waiting.attempt) == (None, told, 1)
    assert str(problem) == told
    assert [order.source.limits.bytes for order in crawls.orders] == [700]
