"""Our own ledger of segments to read: a claim, a lease and an epoch for each job."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from archive.database.engine import Database, open_database
from archive.database.schema import segments
from archive.texts.reading_jobs import LateReader, ReadingJobs
from archive.values.errors import ArchiveError
from benchmarks.dispatch.engines.effects import LEASE, SLOTS, Effects, asked, called, tell_left

_LEFT = "SELECT segment, until IS NOT NULL FROM reading_jobs"
_IDLE = 1.0
"""Seconds until the next look, as the product waits."""

_SHIPPED = {
    "collection": "default",
    "worker": "trial",
    "epoch": 1,
    "state": "released",
    "object_key": "there",
    "opened_at": datetime(2026, 11, 1, tzinfo=UTC),
}


def jobs_of(database: Database) -> ReadingJobs:
    return ReadingJobs(database, now=lambda: datetime.now(UTC), lease=timedelta(seconds=LEASE))


def enqueue(url: str) -> None:
    with closing(open_database(url)) as database:
        for jobs, urgent in asked():
            made = [{"name": f"{job:09}", **_SHIPPED} for job in jobs]
            with database.writing() as connection:
                connection.execute(insert(segments), made)
            jobs_of(database).add((each["name"], None if urgent else {"all"}) for each in made)


def work(url: str, worker: str) -> None:
    with closing(open_database(url)) as database:
        ours, effects = jobs_of(database), Effects(url, worker)

        def run() -> None:
            while True:
                with suppress(ArchiveError):
                    if (job := ours.claim(worker)) is not None:
                        effects.do_now(int(job.segment))
                        with suppress(LateReader):
                            ours.finish(job)
                        continue
                time.sleep(_IDLE)

        for _ in range(SLOTS):
            threading.Thread(target=run, daemon=True).start()
        threading.Event().wait()


if __name__ == "__main__":
    what, url, worker = called()
    if what == "prepare":
        open_database(url).close()
    elif what == "enqueue":
        enqueue(url)
    elif what == "work":
        work(url, worker)
    else:
        tell_left(url, _LEFT)
