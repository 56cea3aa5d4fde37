"""PgQueuer: a worker with LISTEN/NOTIFY, whose heartbeats say which jobs are taken again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
from pgqueuer import Job, QueueManager
from pgqueuer.db import PsycopgDriver
from pgqueuer.queries import Queries

from benchmarks.dispatch.engines.effects import LEASE, SLOTS, Effects, asked, called, live, tell_left

_URGENT = 10
_LEFT = "SELECT convert_from(payload, 'UTF8'), status = 'picked' FROM pgqueuer WHERE status IN ('queued', 'picked')"


async def connected(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(url, autocommit=True)


async def prepare(url: str) -> None:
    await Queries(PsycopgDriver(await connected(url))).install()


async def enqueue(url: str) -> None:
    queries = Queries(PsycopgDriver(await connected(url)))
    for jobs, urgent in asked():
        for first in range(jobs.start, jobs.stop, 1000):
            some = [str(job).encode() for job in jobs if first <= job < first + 1000]
            await queries.enqueue(["work"] * len(some), some, [_URGENT if urgent else 0] * len(some))


async def work(url: str, worker: str) -> None:
    effects = Effects(url, worker)
    async with PsycopgDriver(await connected(url)) as driver:
        manager = QueueManager(Queries(driver))

        @manager.entrypoint("work")
        async def do(job: Job) -> None:
            await effects.do(int(job.payload))

        lease = timedelta(seconds=LEASE)
        await manager.run(
            batch_size=SLOTS // 2,
            max_concurrent_tasks=SLOTS,
            heartbeat_timeout=lease,
            shutdown_on_listener_failure=True,
        )
    raise RuntimeError("the manager ended")


if __name__ == "__main__":
    what, url, worker = called()
    if what == "prepare":
        asyncio.run(prepare(url))
    elif what == "enqueue":
        asyncio.run(enqueue(url))
    elif what == "work":
        live(lambda: work(url, worker))
    else:
        tell_left(url, _LEFT)
