"""Crawl a local site from a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

from crawling.memory import MemoryArchive
from crawling.site import Site

from archive.database.engine import open_database
from archive.index.pages import Pages
from config.groups.permissions import Allow, Permissions
from config.source import Source
from crawler.policy.order import Order, Outcome
from crawler.process import Crawls

LOOPBACK = Permissions(
    Allow(addresses=(ip_network("127.0.0.0/8"), ip_network("::1/128")), ports=("1-65535",)),
    secrets=frozenset({"TOKEN", "KEY", "PW", "A_WORD", "NOT_THERE"}),
)
"""Permits the sites and secrets of tests."""


def now() -> datetime:
    return datetime.now(UTC)


def source(*seeds: str, **facts: Any) -> Source:
    """A source on loopback, fast and without robots.txt unless given otherwise."""
    politeness = {"delay": "0s", "concurrency": 4, "robots": "ignore", "timeout": "10s"} | facts.pop("politeness", {})
    hosts = {"addresses": ["127.0.0.0/8", "::1/128"]}
    return Source.model_validate({"source": "test", "seeds": seeds, "politeness": politeness, **hosts, **facts})


@contextmanager
def archiving(**facts: Any) -> Iterator[MemoryArchive]:
    archive = MemoryArchive(**facts)
    try:
        yield archive
    finally:
        archive.close()


class Run:
    """One archive, and runs that are archived in it."""

    def __init__(self, directory: Path, archive: MemoryArchive, **facts: Any) -> None:
        self.directory, self.archive = directory, archive
        self.facts = {"index": archive, "backoff": 0.05, "reread": archive.reread} | facts
        self.log = directory / "run.jsonl"
        self.begin()

    def begin(self) -> Crawls:
        """Create the crawls, as a new process would."""
        self.crawls = Crawls(recorder=self.archive, now=now, **self.facts)
        self.archive.acknowledged = self.crawls.acknowledged
        return self.crawls

    def order(self, source: Source, run: str | None = None, **facts: Any) -> Order:
        run = run or uuid4().hex
        facts = {"permissions": LOOPBACK, "log": self.log} | facts
        return Order(run, source, frontier=self.directory / f"{run}.db", **facts)

    def __call__(
        self,
        source: Source,
        run: str | None = None,
        *,
        beside: Callable[[Crawls], Awaitable[None]] | None = None,
        progress: Callable[[Outcome], None] = lambda outcome: None,
        within: float = 60.0,
        **facts: Any,
    ) -> Outcome:
        """Crawl to the end, which must come in that many seconds; `beside` runs at the same time."""
        order = self.order(source, run, **facts)
        self.begin()

        async def main() -> Outcome:
            helper = asyncio.ensure_future(beside(self.crawls)) if beside else None
            outcome = await asyncio.wait_for(self.crawls.crawl(order, progress), within)
            if helper is not None:
                await helper
            return outcome

        return asyncio.run(main())


def events(run: Run) -> list[dict[str, object]]:
    """Return the events in the log of the runs."""
    return [json.loads(line) for line in run.log.read_text().splitlines()]


@contextmanager
def remembering(directory: Path) -> Iterator[Run]:
    """Run with a memory of pages, in a database of the directory."""
    database = open_database(f"sqlite:///{directory / 'memory.db'}")
    with archiving() as archive:
        yield Run(directory, archive, memory=Pages(database))
    database.close()


def forum(site: Site, **facts: Any) -> Source:
    """Return a source that walks the forum of a site."""
    return source(f"{site.url}/", walk="forum", **facts)


def processes_in(directory: Path) -> list[int]:
    """Return the processes that name this directory: the browsers of runs in it."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and str(directory).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found
