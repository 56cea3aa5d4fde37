from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from services.ledgers import Ledger, kept, tick
from services.waiting import until
from services.workers import Crawls, outcome_of, story, working
from sqlalchemy import update

from archive.database.schema import runs
from config.load import Sources
from crawler.policy.order import Outcome
from scheduler.run import StaleEpoch
from scheduler.workers.dispatch import Dispatch
from scheduler.workers.orders import Orders


@story
async def test_a_run_is_crawled_to_its_end_and_recorded(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("a", tick())
    async with working(ledger, orders, crawls) as worker:
        await until(lambda: crawls.ends)
        assert worker.running == (run.id,)
        crawls.over("a", kept(reason="all of it", pages=2))
        await until(lambda: ledger.runs.get(run.id).status == "over")

    over = ledger.runs.get(run.id)
    assert (over.outcome, over.reason, over.counts.pages, over.attempt) == ("done", "all of it", 2, 1)
    assert over.config_hash == Sources(orders._sources.directory).get("a").config_hash
    assert ledger.states() == [("24 12:00", "ran", "done: all of it")]


@story
async def test_the_limit_of_concurrent_runs_is_used_and_not_exceeded(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    for name in ("a", "b", "c"):
        ledger.request(name)
    async with working(ledger, orders, crawls, parallel=2):
        await until(lambda: len(crawls.ends) == 2)
        await asyncio.sleep(0.05)
        crawls.over("a", kept())
        await until(lambda: len(crawls.orders) == 3)

    assert crawls.most_at_once == 2


@story
async def test_the_ledger_shows_the_progress_of_a_run(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("a")
    async with working(ledger, orders, crawls):
        await until(lambda: crawls.progress)
        crawls.progress["a"](Outcome(pages=7, captures=9, queued=40))
        await until(lambda: ledger.runs.get(run.id).counts.pages == 7)


@story
async def test_cancelling_a_run_ends_its_crawl(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("a")
    async with working(ledger, orders, crawls):
        await until(lambda: crawls.ends)
        ledger.runs.cancel(run.id, "enough")
        await until(lambda: ledger.runs.get(run.id).status == "over")

    assert outcome_of(ledger, run) == ("cancelled", "enough")


@story
async def test_a_stopping_worker_returns_its_runs(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("a")
    async with working(ledger, orders, crawls):
        await until(lambda: crawls.ends)

    back = ledger.runs.get(run.id)
    assert (back.status, back.attempt, back.reason, back.counts.queued) == (
        "queued",
        1,
        "the crawling process is stopping",
        4,
    )


@story
async def test_a_crawl_with_an_exception_is_a_failed_run(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run, after = ledger.request("a"), ledger.request("b")
    async with working(ledger, orders, crawls, parallel=1):
        await until(lambda: crawls.progress)
        crawls.progress["a"](Outcome(pages=7, captures=9))
        crawls.over("a", ValueError("no such thing"))
        await until(lambda: "b" in crawls.progress)
        crawls.over("b", kept())
        await until(lambda: ledger.runs.get(after.id).status == "over")

    assert outcome_of(ledger, run) == ("failed", "the crawl failed: ValueError: no such thing")
    assert ledger.runs.get(run.id).counts.pages == 7
    assert outcome_of(ledger, after)[0] == "done"


@story
async def test_a_run_of_a_deleted_source_has_failed(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    run = ledger.request("gone")
    async with working(ledger, orders, crawls):
        await until(lambda: ledger.runs.get(run.id).status == "over")

    assert outcome_of(ledger, run) == ("failed", "no source named 'gone'")


@story
async def test_a_source_stays_within_its_quota(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    ids = []
    async with working(ledger, orders, crawls):
        for octets in (400, 600, 0):
            run = ledger.request("a")
            ids.append(run.id)
            if octets:
                await until(lambda: crawls.ends)
                crawls.over("a", kept(bytes=octets))
            await until(lambda run=run: ledger.runs.get(run.id).status == "over")

    assert [order.source.limits.bytes for order in crawls.orders] == [1000, 600]
    assert ledger.runs.get(ids[0]).config_hash == ledger.runs.get(ids[1]).config_hash
    last = ledger.runs.get(ids[2])
    assert (last.outcome, last.reason) == ("limited", "the quota of a, 1000B, is used up")


@story
async def test_no_run_starts_while_there_is_no_space(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    full = ["the spool is 71 % full"]
    dispatch = Dispatch(ledger.runs, held_back=lambda: full[0] if full else None)
    ledger.request("a")
    async with working(ledger, orders, crawls, dispatch=dispatch):
        await asyncio.sleep(0.1)
        assert crawls.orders == []
        full.clear()
        await until(lambda: crawls.ends)


@story
async def test_only_the_named_runs_are_crawled(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    ledger.request("a")
    named = ledger.request("b")
    async with working(ledger, orders, crawls, dispatch=Dispatch(ledger.runs, only={named.id})):
        await until(lambda: crawls.ends)
        await asyncio.sleep(0.05)

    assert [order.run for order in crawls.orders] == [named.id]


@story
async def test_a_worker_declared_dead_stops_and_writes_nothing_more(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    with pytest.raises(StaleEpoch):
        async with working(ledger, orders, crawls):
            await until(lambda: crawls.ends)
            ledger.time.passes(seconds=61)
            await until(lambda: not crawls.ends)
    ledger.runs.recover()
    back = ledger.runs.get(run.id)

    assert (back.status, back.attempt, back.counts.captures) == ("queued", 2, 0)


def test_a_run_is_mislaid_if_the_epoch_that_took_it_does_not_hold_it(ledger: Ledger) -> None:
    ours, other = ledger.epochs.begin("main"), ledger.epochs.begin("other")
    run = ledger.request("a")
    queued = ledger.runs.mislaid(ours, ())
    taken = ledger.runs.claim("main", ours)

    assert (queued, ledger.runs.mislaid(ours, [run.id]), ledger.runs.mislaid(other, ())) == (None, None, None)
    assert ledger.runs.mislaid(ours, ()) == taken


@story
async def test_a_run_that_another_worker_took_over_is_not_ended_by_the_first(
    ledger: Ledger, orders: Orders, crawls: Crawls
) -> None:
    run = ledger.request("a")
    with pytest.raises(StaleEpoch):
        async with working(ledger, orders, crawls):
            await until(lambda: crawls.ends)
            other = ledger.epochs.begin("other")
            before = ledger.runs.get(run.id)
            with ledger.database.writing() as connection:
                connection.execute(update(runs).where(runs.c.id == run.id).values(epoch=other, worker="other"))
            await until(lambda: not crawls.ends)

    now = ledger.runs.get(run.id)
    assert now == replace(before, epoch=other, worker="other", seen_at=now.seen_at)


@story
async def test_a_task_with_an_exception_stops_the_worker(ledger: Ledger, orders: Orders, crawls: Crawls) -> None:
    class Stubborn(Crawls):
        def cancel(self, run: str, reason: str) -> None:
            raise LookupError(f"there is no {run}")

    run, stubborn = ledger.request("a"), Stubborn()
    with pytest.raises(LookupError, match=run.id):
        async with asyncio.timeout(60), working(ledger, orders, stubborn) as worker:
            await until(lambda: stubborn.ends)
            ledger.runs.cancel(run.id, "enough")
            await until(lambda: worker._stopping)

    assert ledger.runs.get(run.id).status != "running"
