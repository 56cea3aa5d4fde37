"""What a job of the trial does: it waits, then writes one row. Two rows of one job are a doubled effect."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator

import psycopg

TABLE = "CREATE TABLE effects (job bigint NOT NULL, worker text NOT NULL, started double precision NOT NULL)"
_WRITE = "INSERT INTO effects VALUES (%s, %s, %s)"
SLOTS = 8
"""Jobs that a worker does at a time."""
LEASE = 30
"""Seconds without a sign of life after which a worker counts as dead, where an engine has such a limit."""
_LASTS = 0.2
"""Seconds that a job takes."""
_TRIES = 100


class Effects:
    """The table of effects, as one worker writes it, over connections that outlive the database."""

    def __init__(self, url: str, worker: str) -> None:
        self._url, self._worker = url, worker
        self._free: list[psycopg.AsyncConnection] = []
        self._mine = threading.local()

    async def do(self, job: int) -> None:
        started = time.time()
        await asyncio.sleep(_LASTS)
        await self._write(job, started)

    def do_now(self, job: int) -> None:
        """Do a job in this thread, which keeps its connection."""
        started = time.time()
        time.sleep(_LASTS)
        for _ in range(_TRIES):
            connection = None
            try:
                connection = getattr(self._mine, "connection", None) or psycopg.connect(self._url, autocommit=True)
                connection.execute(_WRITE, (job, self._worker, started))
            except psycopg.OperationalError:
                self._mine.connection = None
                time.sleep(0.2)
            else:
                self._mine.connection = connection
                return

    async def _write(self, job: int, started: float) -> None:
        for _ in range(_TRIES):
            connection = None
            try:
                connection = (
                    self._free.pop()
                    if self._free
                    else await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                )
                await connection.execute(_WRITE, (job, self._worker, started))
            except psycopg.OperationalError:
                if connection is not None:
                    await connection.close()
                await asyncio.sleep(0.2)
            else:
                self._free.append(connection)
                return


def asked() -> Iterator[tuple[range, bool]]:
    """Yield what to enqueue, as the trial asks for it: the numbers of the jobs, and whether they go before others."""
    for line in sys.stdin:
        first, count, urgent = json.loads(line)
        yield range(first, first + count), urgent
        print("done", flush=True)


def tell_left(url: str, query: str) -> None:
    """Tell the trial which jobs the engine still has. The query yields each job, and whether a worker has it."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(query).fetchall()
    waiting, running = [int(job) for job, has in rows if not has], [int(job) for job, has in rows if has]
    print(json.dumps({"waiting": waiting, "running": running}), flush=True)


def live(work: Callable[[], Awaitable[None]]) -> None:
    """Work until killed. What an engine raises when it loses the database ends it: a supervisor starts it again."""
    try:
        asyncio.run(work())
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(3)


def called() -> tuple[str, str, str]:
    """Return what to do (prepare, enqueue, work or left), the URL of the database, and the name of the worker."""
    return sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
