"""Services that only read texts, on one PostgreSQL and one bucket: each file is read once, also when one is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Household
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from sqlalchemy import Row, Select, select

from archive.database.engine import Database, open_database
from archive.database.schema import events, reading_jobs, segments, texts
from archive.store.s3 import S3Settings

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.costly, pytest.mark.timeout(900)]
PATIENCE = 300
TAKEN = select(reading_jobs).where(reading_jobs.c.until.is_not(None)).limit(1)
NOT_SHIPPED = select(segments).where(segments.c.object_key.is_(None))
PAGES = 400
"""A file of so many takes a reader some seconds."""


@pytest.fixture
def site() -> Iterator[Site]:
    pages = {f"/{number}": html(f"Kettle number {number} sings. " * 40) for number in range(PAGES)}
    with serving(pages) as site:
        yield site


def rows(database: Database, query: Select[Any]) -> Sequence[Row[Any]]:
    with database.reading() as connection:
        return connection.execute(query).all()


@pytest.mark.parametrize("fate", ["killed", "paused"])
def test_a_reader_that_stands_still_loses_its_file_to_another_and_each_text_is_there_once(
    tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings, site: Site, fate: str
) -> None:
    with postgresql.database(EMPTY) as url, ExitStack() as stack, closing(open_database(url)) as database:
        machines = houses(tmp_path, {**store_in(bucket), "PRESSMARK_DATABASE": url})
        shipped_unread(machines["one"], site, database)
        with machines["two"].serving("--role", "read", kill=True) as first:
            [taken] = eventually(lambda: rows(database, TAKEN), within=PATIENCE)
            os.killpg(first.process.pid, signal.SIGKILL if fate == "killed" else signal.SIGSTOP)
            second = stack.enter_context(machines["three"].serving("--role", "read"))
            eventually(lambda: not rows(database, select(reading_jobs)), within=PATIENCE)
            assert second.get("/readyz").status == 200
            if fate == "paused":
                os.killpg(first.process.pid, signal.SIGCONT)
                eventually(lambda: "was taken by another process" in first.log.read_text(), within=PATIENCE)
        read = rows(database, select(texts.c.record_id).where(texts.c.state == "done"))
        news = rows(database, select(events.c.facts).where(events.c.kind == "page.new"))

    assert taken.reader.startswith("two on ")
    assert (len(read), len(news), len({row.facts for row in news})) == (PAGES, PAGES, PAGES)


def houses(directory: Path, shared: dict[str, str]) -> dict[str, Household]:
    """Make the homes of three machines, whose workers leave texts to others."""
    shared = {**QUICK, **shared, "PRESSMARK_WORKER__READS_TEXTS": "false", "PRESSMARK_WORKER__LEASE": "6s"}
    made = {}
    for name in ("one", "two", "three"):
        (directory / name).mkdir()
        made[name] = Household(directory / name / "home", {**shared, "PRESSMARK_WORKER__NAME": name})
    return made


def shipped_unread(machine: Household, site: Site, database: Database) -> None:
    """Archive all pages, and wait until the store has them, without texts."""
    seeds = ", ".join(f"{site.url}/{number}" for number in range(PAGES))
    politeness = "politeness: {delay: 0s, concurrency: 8}\naddresses: [127.0.0.0/8]\n"
    machine.source("news", f"source: news\nseeds: [{seeds}]\nwalk: page\n{politeness}")
    with machine.serving("--role", "api,work") as crawling:
        run = crawling.ask("POST", "/api/v1/sources/news/runs").json["id"]
        eventually(lambda: crawling.get(f"/api/v1/runs/{run}").json["outcome"] == "done", within=PATIENCE)
    assert [row.state for row in rows(database, NOT_SHIPPED)] == []
    assert rows(database, select(reading_jobs))
    assert rows(database, select(texts)) == []
