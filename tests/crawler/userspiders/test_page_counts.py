"""The pages of a run of a user's spider are counted once each, however often the run is interrupted."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from crawling.crawls import Run
from crawling.ownspiders import furnish, own_source
from crawling.site import Reply, Site, serving

from crawler.policy.order import Outcome
from crawler.process import Crawls
from crawler.userspiders.counts import write_counts
from crawler.userspiders.ledger import directory_of, ledger_in

PAGES, LARGE = 6, 3_000_000
SPIDER = """
import asyncio, scrapy

class Plain(scrapy.Spider):
    name = "plain"

    def __init__(self, base, ends):
        super().__init__()
        self.base, self.ends = base, int(ends)

    async def start(self):
        for number in range(6):
            yield scrapy.Request(f"{self.base}/tree/{number}")

    async def parse(self, response):
        number = int(response.url.rpartition("/")[2])
        if number >= self.ends:
            await asyncio.sleep(3600)
        await self.beside(response, number)
        yield {"number": number}

    async def beside(self, response, number):
        pass

class Inline(Plain):
    async def beside(self, response, number):
        inline = scrapy.Request(f"{self.base}/tree/{number + 20}", meta=response.meta)
        await self.crawler.engine.download_async(inline)

class Large(Plain):
    async def start(self):
        yield scrapy.Request(f"{self.base}/large", errback=self.too_large, meta={"download_maxsize": 0})
        async for request in super().start():
            yield request

    def too_large(self, failure):
        yield {"large": str(failure.value)}
"""


def resumed(run: Run, site: Site, spider: str, *, ends: int, until: str = "items", reached: int = 0) -> Outcome:
    """Run the spider, of whose pages the first `ends` end; stop once `until` has reached a number, unless it is 0."""
    is_reached: list[bool] = []

    async def stop(crawls: Crawls) -> None:
        while not is_reached:
            await asyncio.sleep(0.01)
        await crawls.stop()

    def look(so_far: Outcome) -> None:
        if (so_far.pages if until == "pages" else (so_far.spider or {}).get("items", 0)) >= reached:
            is_reached.append(True)

    source = own_source(
        site,
        f"own.py:{spider}",
        arguments={"base": site.url, "ends": str(ends)},
        politeness={"concurrency": 2 * PAGES, "robots": "ignore"},
        limits={"page_bytes": "1MB"},
    )
    files = {"spiders": run.directory, "items": run.directory / "items"}
    return run(source, "r", beside=stop if reached else None, progress=look, **files)


@pytest.fixture
def spiders(run: Run) -> Run:
    (run.directory / "own.py").write_text(SPIDER)
    return run


def test_pages_that_an_interrupted_run_makes_again_count_once(spiders: Run) -> None:
    with serving() as site:
        furnish(site)
        first = resumed(spiders, site, "Plain", ends=0, until="pages", reached=1)
        ended = resumed(spiders, site, "Plain", ends=PAGES)

    assert (first.outcome, ended.outcome) == ("interrupted", "done")
    assert ended.pages == PAGES


def test_the_pages_of_a_run_of_the_earlier_version_count_after_each_interruption(spiders: Run) -> None:
    """Its ledger has no counts; those in the file beside it are all."""
    ledger = ledger_in(directory_of(spiders.directory / "r.db"))
    with serving() as site:
        furnish(site)
        resumed(spiders, site, "Plain", ends=2, reached=2)
        with closing(sqlite3.connect(ledger)) as db, db:
            db.execute("DELETE FROM tally WHERE name LIKE 'kept:%'")
        write_counts(spiders.directory / "r.tally", Counter(pages=50, new=50))
        resumed(spiders, site, "Plain", ends=4, reached=4)
        ended = resumed(spiders, site, "Plain", ends=PAGES)

    assert ended.pages == 50 + PAGES - 2
    assert ended.outcome == "done"  # no page of the last process is new


def test_pages_that_a_callback_downloads_itself_count_after_an_interruption(spiders: Run) -> None:
    with serving() as site:
        furnish(site)
        first = resumed(spiders, site, "Inline", ends=2, reached=2)
        ended = resumed(spiders, site, "Inline", ends=PAGES)

    assert (first.outcome, ended.outcome) == ("interrupted", "done")
    assert ended.pages == 2 * PAGES


def test_a_page_too_large_for_the_spider_counts_after_an_interruption(spiders: Run) -> None:
    with serving() as site:
        furnish(site).routes["/large"] = Reply(body=b"x" * LARGE, type="video/mp4")
        first = resumed(spiders, site, "Large", ends=2, reached=3)
        ended = resumed(spiders, site, "Large", ends=PAGES)

    assert (first.outcome, ended.outcome) == ("interrupted", "done")
    assert ended.pages == PAGES + 1
