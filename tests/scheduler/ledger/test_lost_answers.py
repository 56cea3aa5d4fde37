"""The connection breaks while the ledger writes that a run is taken, or over: nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import get_args

import pytest
from services.breaking import Line, Loses, breaking
from services.ledgers import Ledger, kept, ledger_on
from services.postgresql import PostgresServer
from services.waiting import until
from services.workers import Crawls, working

from archive.database.engine import open_database
from scheduler.workers.orders import Orders

pytestmark = pytest.mark.postgresql
both = pytest.mark.parametrize("lost", get_args(Loses))


@pytest.fixture
def far(postgresql: PostgresServer) -> Iterator[tuple[Ledger, Line]]:
    """A ledger, and the connection to it."""
    with postgresql.database() as there, breaking(there) as (url, line), closing(open_database(url)) as database:
        yield ledger_on(database), line


@both
def test_a_run_is_crawled_once_although_the_connection_broke_while_it_was_taken(
    far: tuple[Ledger, Line], orders: Orders, lost: Loses
) -> None:
    ledger, line = far
    line.lose(lost, of=b"run.started")
    run = ledger.request("a")

    async def story() -> None:
        crawls = Crawls()
        async with working(ledger, orders, crawls):
            await until(lambda: crawls.ends)
            await asyncio.sleep(0.05)
            crawls.over("a", kept())
            await until(lambda: ledger.runs.get(run.id).status == "over")
        assert [order.run for order in crawls.orders] == [run.id]

    asyncio.run(story())

    assert line.broke.is_set()
    assert (ledger.runs.get(run.id).outcome, ledger.runs.get(run.id).attempt) == ("done", 1)


@both
def test_the_end_of_a_run_is_written_once_and_the_other_runs_continue(
    far: tuple[Ledger, Line], orders: Orders, lost: Loses
) -> None:
    ledger, line = far
    ended, other = ledger.request("a"), ledger.request("b")

    async def story() -> None:
        crawls = Crawls()
        async with working(ledger, orders, crawls):
            await until(lambda: len(crawls.ends) == 2)
            line.lose(lost, of=b"run.over")
            crawls.over("a", kept(captures=7))
            await until(line.broke.is_set)
            after = ledger.request("c")
            await until(lambda: after.id in crawls.ends)
            for source in ("b", "c"):
                crawls.over(source, kept())
            await until(lambda: not ledger.runs.list(status="running"))

    asyncio.run(story())

    over = ledger.runs.get(ended.id)
    assert (over.outcome, over.attempt, over.counts.captures) == ("done", 1, 7)
    assert (ledger.runs.get(other.id).outcome, ledger.runs.get(other.id).attempt) == ("done", 1)
    ends = [event.run for event in ledger.events.after() if event.kind == "run.over"]
    assert len(ends) == len(set(ends)) == 3


@both
def test_a_stopping_worker_returns_each_of_its_runs_once(far: tuple[Ledger, Line], orders: Orders, lost: Loses) -> None:
    ledger, line = far
    runs = [ledger.request(source) for source in ("a", "b", "c")]

    async def story() -> None:
        crawls = Crawls()
        async with working(ledger, orders, crawls):
            await until(lambda: len(crawls.ends) == 3)
            line.lose(lost, of=b"run.interrupted")

    asyncio.run(story())

    assert line.broke.is_set()
    back = [ledger.runs.get(run.id) for run in runs]
    assert [(run.status, run.attempt, run.reason) for run in back] == [
        ("queued", 1, "the crawling process is stopping")
    ] * 3
    assert len([event for event in ledger.events.after() if event.kind == "run.interrupted"]) == 3
