"""Procrastinate: a worker with LISTEN/NOTIFY, and the periodic task of its manual that takes the jobs of the dead."""

from __future__ import annotations

import asyncio

import procrastinate

from benchmarks.dispatch.engines.effects import LEASE, SLOTS, Effects, asked, called, live, tell_left

_URGENT, _SWEEP = 10, 100
_LEFT = (
    "SELECT args ->> 'job', status = 'doing' FROM procrastinate_jobs"
    " WHERE task_name = 'work' AND status IN ('todo', 'doing')"
)


def application(url: str, worker: str) -> procrastinate.App:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    effects = Effects(url, worker)

    @app.task(name="work", queue="work")
    async def work(job: int) -> None:
        await effects.do(job)

    @app.periodic(cron="* * * * *")
    @app.task(name="sweep", queue="work", queueing_lock="sweep", priority=_SWEEP)
    async def sweep(**_: int) -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LEASE):
            await app.job_manager.retry_job(job)

    return app


async def prepare(url: str) -> None:
    async with application(url, "").open_async() as app:
        await app.schema_manager.apply_schema_async()


async def enqueue(url: str) -> None:
    async with application(url, "").open_async() as app:
        for jobs, urgent in asked():
            task = app.configure_task("work", priority=_URGENT if urgent else 0)
            for first in range(jobs.start, jobs.stop, 1000):
                await task.batch_defer_async(*({"job": job} for job in jobs if first <= job < first + 1000))


async def work(url: str, worker: str) -> None:
    async with application(url, worker).open_async() as app:
        await app.run_worker_async(concurrency=SLOTS, delete_jobs="successful", install_signal_handlers=False)


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
