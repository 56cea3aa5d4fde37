"""Two workers on one PostgreSQL take turns at a host, in their event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from math import inf
from pathlib import Path

import pytest
from services.databases import database_of

from archive.database.engine import Database, open_database
from crawler.policy.politeness import Politeness
from pressmark.processes.host_turns import sharing_hosts

HOST = "example.org"
WITHIN = 120


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database_of("postgresql", request, None) as database:  # type: ignore[arg-type]
        yield database


class Worker:
    """A run of a worker that wants to visit the host."""

    def __init__(self) -> None:
        self.politeness = Politeness()
        self.run = self.politeness.politeness_client(lambda host: None)

    def waits(self) -> float:
        """Return the seconds until it may visit the host; infinite while it is another worker's turn."""
        return self.run.wait_for(HOST, delay=0.0, concurrency=1)

    async def has_turn(self) -> None:
        """Return when it may visit the host."""
        while self.waits() == inf:
            await asyncio.sleep(0.01)


@pytest.mark.postgresql
def test_two_workers_have_turns_and_never_both_at_once(database: Database) -> None:
    one, two = Worker(), Worker()
    turns = list[str]()

    async def both_had_one() -> None:
        while len(set(turns)) < 2:
            now = [name for name, worker in (("one", one), ("two", two)) if worker.waits() < inf]
            assert len(now) <= 1
            turns.extend(now)
            await asyncio.sleep(0.01)

    async def visits() -> None:
        async with (
            sharing_hosts(database, "one", 1, one.politeness, lambda: None),
            sharing_hosts(database, "two", 2, two.politeness, lambda: None),
        ):
            await asyncio.wait_for(both_had_one(), WITHIN)

    asyncio.run(visits())
    assert set(turns) == {"one", "two"}


@pytest.mark.postgresql
def test_a_worker_that_ends_leaves_the_host_to_the_other(database: Database) -> None:
    one, two = Worker(), Worker()

    async def visits() -> None:
        async with sharing_hosts(database, "two", 2, two.politeness, lambda: None):
            async with sharing_hosts(database, "one", 1, one.politeness, lambda: None):
                await asyncio.wait_for(one.has_turn(), WITHIN)
            await asyncio.wait_for(two.has_turn(), WITHIN)

    asyncio.run(visits())


def test_the_only_worker_of_an_sqlite_database_waits_for_nobody(tmp_path: Path) -> None:
    alone = Worker()
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")

    async def visits() -> float:
        async with sharing_hosts(database, "one", 1, alone.politeness, lambda: None):
            return alone.waits()

    try:
        assert asyncio.run(visits()) == 0
    finally:
        database.close()
