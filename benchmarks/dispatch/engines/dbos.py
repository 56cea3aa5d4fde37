"""DBOS: a workflow of one step on a queue. A worker that starts takes the workflows of the dead one of its name."""

from __future__ import annotations

import threading

import sqlalchemy
from dbos import DBOS, DBOSClient

from benchmarks.dispatch.engines.effects import SLOTS, Effects, asked, called, tell_left

_LEFT = (
    "SELECT workflow_uuid, status = 'PENDING' FROM dbos.workflow_status"
    " WHERE name = 'work' AND status IN ('ENQUEUED', 'DELAYED', 'PENDING')"
)
_QUEUE, _VERSION = "work", "1"
_URGENT, _ORDINARY = 1, 10


def launch(url: str, worker: str) -> None:
    address = url.replace("postgresql://", "postgresql+psycopg://")
    settings = {"name": "trial", "system_database_url": address, "executor_id": worker, "application_version": _VERSION}
    DBOS(config={**settings, "log_level": "ERROR"})
    effects = Effects(url, worker)

    @DBOS.step(name="effect")
    async def effect(job: int) -> None:
        await effects.do(job)

    @DBOS.workflow(name="work")
    async def work(job: int) -> None:
        await effect(job)

    DBOS.launch()
    DBOS.register_queue(_QUEUE, worker_concurrency=SLOTS, polling_interval_sec=0.1)


def enqueue(url: str) -> None:
    address = url.replace("postgresql://", "postgresql+psycopg://")
    client = DBOSClient(system_database_url=address, application_name="trial")
    engine = sqlalchemy.create_engine(address)
    for jobs, urgent in asked():
        options = {"queue_name": _QUEUE, "workflow_name": "work", "priority": _URGENT if urgent else _ORDINARY}
        for first in range(jobs.start, jobs.stop, 1000):
            with engine.begin() as connection:
                for job in range(first, min(first + 1000, jobs.stop)):
                    client.enqueue_in_transaction(connection, {**options, "workflow_id": str(job)}, job)


if __name__ == "__main__":
    what, url, worker = called()
    if what == "prepare":
        launch(url, "prepares")
        DBOS.destroy()
    elif what == "enqueue":
        enqueue(url)
    elif what == "work":
        launch(url, worker)
        threading.Event().wait()
    else:
        tell_left(url, _LEFT)
