"""A disk or a database that accepts nothing interrupts a run, which continues where it was once there is space."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crawling.crawls import Run, source
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source
from crawling.site import Site, html
from services.disks import small_disk

from archive.values.errors import DatabaseDamaged, DatabaseFull, DatabaseReadOnly, DatabaseRefused
from crawler.policy.shared import ChildLimits
from crawler.process import Crawls

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "size=4m") as disk:
        yield disk


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(4096))
    return filler


async def eventually(found: Callable[[], object]) -> None:
    async with asyncio.timeout(50):
        while not found():
            await asyncio.sleep(0.02)


@needs_root
def test_a_spider_whose_items_find_no_space_waits_until_there_is_some(
    site: Site, run: Run, tmp_path: Path, disk: Path
) -> None:
    whole = tmp_path / "whole.jsonl"
    assert run(own_source(furnish(site), "Plain"), spiders=SPIDERS, items=whole).outcome == "done"
    filler, told = fill(disk), []

    async def free(crawls: Crawls) -> None:
        await eventually(lambda: crawls.problem)
        told.append(str(crawls.problem))
        await asyncio.sleep(1.5)
        assert crawls.problem is not None, "it has not given up"
        filler.unlink()

    items = disk / "items" / "own" / "r.jsonl"
    outcome = run(own_source(site, "Plain"), spiders=SPIDERS, items=items, beside=free)

    assert outcome.outcome in ("done", "unchanged"), outcome.reason
    assert "No space left" in told[0]
    assert in_order(items_in(items)) == in_order(items_in(whole))


@needs_root
def test_a_spider_that_waits_for_space_is_interrupted_with_its_worker_and_keeps_its_items(
    site: Site, run: Run, tmp_path: Path, disk: Path
) -> None:
    filler, items = fill(disk), disk / "items" / "r.jsonl"

    async def stop(crawls: Crawls) -> None:
        await eventually(lambda: crawls.problem)
        await crawls.stop()

    stopped = run(own_source(furnish(site), "Plain"), "r", spiders=SPIDERS, items=items, beside=stop)
    asked = len(site.asked)
    filler.unlink()
    outcome = run(own_source(site, "Plain"), "r", spiders=SPIDERS, items=items)

    assert stopped.outcome == "interrupted"
    assert outcome.outcome == "done", outcome.reason
    assert len(items_in(items)) == 41 == outcome.pages
    assert len(site.asked) == asked, "nothing is fetched twice"


ENDING = """
import pathlib
import ten


class Filling(ten.Plain):
    name = "filling"

    def closed(self, reason):
        disk = pathlib.Path({disk!r})
        try:
            with (disk / "filler").open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(512))
        except OSError:
            pass
"""


@needs_root
def test_a_spider_whose_disk_fills_at_its_end_waits_and_loses_no_item(
    site: Site, run: Run, tmp_path: Path, disk: Path
) -> None:
    """Its requests, its items and its log are all on that disk, which the spider itself fills."""
    run.directory = disk
    run.facts["child"] = ChildLimits(confined=False)
    spiders = tmp_path / "spiders"
    shutil.copytree(SPIDERS, spiders)
    (spiders / "filling.py").write_text(ENDING.format(disk=str(disk)))
    told = []

    async def free(crawls: Crawls) -> None:
        await eventually(lambda: crawls.problem)
        told.append(str(crawls.problem))
        (disk / "filler").unlink()

    items = disk / "items" / "own" / "r.jsonl"
    one = own_source(furnish(site), "filling.py:Filling")
    outcome = run(one, "r", spiders=spiders, items=items, log=disk / "run.jsonl", beside=free)

    assert "o space left" in told[0] or "is full" in told[0]
    assert outcome.outcome == "done", outcome.reason
    assert len(items_in(items)) == 41 == outcome.pages
    assert not (disk / "r.spider").exists()


@needs_root
def test_a_spider_whose_ledger_finds_no_space_is_interrupted_and_continues(
    site: Site, run: Run, tmp_path: Path, disk: Path
) -> None:
    run.directory = disk

    async def filled(crawls: Crawls) -> None:
        await eventually(lambda: len(site.asked) > 10)
        fill(disk)

    one = own_source(furnish(site), "Plain", politeness={"delay": "50ms", "concurrency": 1})
    items = tmp_path / "items.jsonl"
    refused = run(one, "r", spiders=SPIDERS, items=items, beside=filled)
    (disk / "filler").unlink()
    outcome = run(own_source(site, "Plain"), "r", spiders=SPIDERS, items=items)

    assert refused.outcome == "interrupted", refused.reason
    assert refused.reason.startswith("the disk is full, so Pressmark can't save the URLs")
    assert f" in {disk}/r.spider/ledger.db: " in refused.reason
    assert outcome.outcome == "done", outcome.reason
    assert len(items_in(items)) == 41
    kept = {exchange.request.url.removeprefix(site.url) for exchange, _, _ in run.archive.kept}
    assert kept == {f"/tree/{number}" for number in range(40)} | {"/robots.txt"}


@needs_root
def test_a_spider_that_finds_no_space_at_its_start_is_interrupted(
    site: Site, run: Run, tmp_path: Path, disk: Path
) -> None:
    run.directory = disk
    filler = fill(disk)
    refused = run(own_source(furnish(site), "Plain"), "r", spiders=SPIDERS, items=tmp_path / "items.jsonl")
    filler.unlink()
    outcome = run(own_source(site, "Plain"), "r", spiders=SPIDERS, items=tmp_path / "items.jsonl")

    assert refused.outcome == "interrupted", refused.reason
    assert (outcome.outcome, len(items_in(tmp_path / "items.jsonl"))) == ("done", 41)


@needs_root
def test_a_run_whose_frontier_finds_no_space_at_its_start_is_interrupted(site: Site, run: Run, disk: Path) -> None:
    run.directory = disk
    site.routes["/"] = html("/a", "/b")
    site.routes["/a"] = site.routes["/b"] = html()
    filler = fill(disk)
    refused = run(source(f"{site.url}/", walk="site"), "r")
    filler.unlink()
    outcome = run(source(f"{site.url}/", walk="site"), "r")

    assert refused.outcome == "interrupted", refused.reason
    assert "is full" in refused.reason
    assert (outcome.outcome, outcome.pages) == ("done", 3)


@needs_root
def test_a_run_whose_disk_fills_before_its_seeds_are_written_is_interrupted(
    site: Site, run: Run, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.directory = disk
    site.routes["/"] = html(*(f"/{number}" for number in range(10)))
    long = source(*(f"{site.url}/{number}?{'x' * 3_000}" for number in range(200)), walk="page")
    room = disk / "room"
    room.write_bytes(bytes(200_000))
    fill(disk)
    room.unlink()  # for the file, not for its seeds
    refused = run(long, "r")
    (disk / "filler").unlink()

    assert refused.outcome == "interrupted", refused.reason
    assert run(long, "r").outcome != "interrupted"


class _Refusing:
    """A memory of pages whose database refuses."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Callable[..., object]:
        def refuse(*_: object, **__: object) -> object:
            raise self.error

        return refuse


@pytest.mark.parametrize("kind", [DatabaseFull, DatabaseReadOnly, DatabaseRefused, DatabaseDamaged])
def test_a_run_that_starts_while_the_database_refuses_is_interrupted(
    kind: type[DatabaseFull], site: Site, run: Run
) -> None:
    site.routes["/"] = html()
    site_walk = source(f"{site.url}/", walk="site", timetable={"adaptive": {"min": "15m", "max": "30d"}})
    refused = Run(run.directory, run.archive, memory=_Refusing(kind("a.db", "no luck")))(site_walk, "r")
    outcome = run(site_walk, "r")

    assert refused.outcome == "interrupted", refused.reason
    assert "no luck" in refused.reason
    assert (outcome.outcome, outcome.pages) == ("done", 1)


def test_a_run_whose_frontier_is_another_file_still_fails(site: Site, run: Run) -> None:
    (run.directory / "r.db").write_bytes(b"no database" * 1000)
    site.routes["/"] = html()

    assert run(source(f"{site.url}/"), "r").outcome == "failed"


def test_a_frontier_of_another_shape_still_fails(site: Site, run: Run) -> None:
    with sqlite3.connect(run.directory / "r.db") as db:
        db.execute("CREATE TABLE urls (x)")
    site.routes["/"] = html()

    assert run(source(f"{site.url}/"), "r").outcome == "failed"
