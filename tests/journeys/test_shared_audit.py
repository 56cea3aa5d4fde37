"""Audits and rebuilds in jobs: a reader is killed in the middle of a job, and another one does it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Household, Served
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from services.world import Rows
from sqlalchemy import Row, select

from archive.database.schema import batch_jobs, captures
from archive.store.s3 import S3Settings

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.costly, pytest.mark.timeout(900)]
PATIENCE = 300
FILES = 4
OF_FILES = batch_jobs.c.name.like("manifest/%")
TAKEN = select(batch_jobs.c.name).where(OF_FILES, batch_jobs.c.until.is_not(None), batch_jobs.c.done_at.is_(None))
JOBS = select(batch_jobs.c.name, batch_jobs.c.worker).where(OF_FILES)
LISTED = select(captures.c.record_id, captures.c.url, captures.c.at).order_by(captures.c.record_id)


@pytest.fixture
def site() -> Iterator[Site]:
    pages = {f"/{number}": html(f"Kettle number {number} sings. " * 40) for number in range(FILES)}
    with serving(pages) as site:
        yield site


@pytest.mark.parametrize("work", ["audit", "rebuild"])
def test_a_reader_that_is_killed_in_a_job_loses_it_to_another_and_nothing_is_missing_or_twice(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, site: Site, work: str
) -> None:
    shared = {**QUICK, **store_in(bucket), "PRESSMARK_WORKER__LEASE": "6s"}
    with postgresql.database(EMPTY) as full, postgresql.database(EMPTY) as empty, ExitStack() as stack:
        desk = home(tmp_path, "desk", {**shared, "PRESSMARK_DATABASE": full})
        rest = "walk: page\npoliteness: {delay: 0s}\naddresses: [127.0.0.0/8]\n"
        for number in range(FILES):
            desk.source(f"news{number}", f"source: news{number}\nseeds: [{site.url}/{number}]\n{rest}")
            desk.run("run", f"news{number}")
        url = full if work == "audit" else empty
        shared["PRESSMARK_DATABASE"] = url
        asks, one, two = (home(tmp_path, name, shared) for name in ("asks", "one", "two"))
        before, rows = (stack.enter_context(closing(Rows(each))) for each in (full, url))
        command = ("verify", "--all", "--queue") if work == "audit" else ("rebuild", "--queue")
        pool = stack.enter_context(ThreadPoolExecutor(1))
        with one.serving("--role", "read", kill=True) as first:
            asked = pool.submit(asks.run, *command, "--json", code=0)
            [taken, *_] = eventually(lambda: stopped_in_a_job(first, rows), within=PATIENCE)
            os.killpg(first.process.pid, signal.SIGKILL)
            with two.serving("--role", "read"):
                told = asked.result(PATIENCE).json
                jobs = {row.name: row.worker for row in rows.of(JOBS)}
                same = [*map(tuple, rows.of(LISTED))] == [*map(tuple, before.of(LISTED))]

    assert jobs[taken.name].startswith("two on ")
    assert told["findings"] == []
    assert same
    if work == "audit":
        assert (told["segments"], told["wrong"], len(jobs)) == (FILES, 0, FILES)


def stopped_in_a_job(service: Served, rows: Rows) -> Sequence[Row[Any]]:
    """Stop a service, and return the job that it has then; without one it continues."""
    os.killpg(service.process.pid, signal.SIGSTOP)
    if not (taken := rows.of(TAKEN)):
        os.killpg(service.process.pid, signal.SIGCONT)
    return taken


def home(directory: Path, name: str, shared: dict[str, str]) -> Household:
    (directory / name).mkdir()
    made = Household(directory / name / "home", {**shared, "PRESSMARK_WORKER__NAME": name})
    made.home.mkdir(0o700)
    return made
