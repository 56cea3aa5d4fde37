"""Runs that are cancelled, stopped or paused, and go on."""

from __future__ import annotations

import asyncio
import time

import pytest
from crawling.crawls import Run, source
from crawling.site import Reply, Site, html, in_turn

from crawler.order import Outcome
from crawler.process import Crawls

SLOW = Reply(body="slow", after=30.0)


async def soon(site: Site, requests: int = 1) -> None:
    while len(site.asked) < requests:
        await asyncio.sleep(0.01)


def test_a_cancelled_run_ends_within_seconds_whatever_the_server_does(site: Site, run: Run) -> None:
    site.routes |= {"/": html("/slow", "/b"), "/slow": SLOW, "/b": html()}
    ended = []

    async def beside(crawls: Crawls) -> None:
        await soon(site, 3)
        ended.append(time.monotonic())
        crawls.cancel("r1", "changed my mind")

    outcome = run(source(f"{site.url}/"), "r1", beside=beside)

    assert (outcome.outcome, outcome.reason) == ("cancelled", "changed my mind")
    assert time.monotonic() - ended[0] < 3.0
    assert not (run.directory / "r1.db").exists()


def test_a_run_that_is_stopped_goes_on_where_it_was(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.process._STOP_GRACE", 0.2)
    site.routes |= {"/": html("/slow", *(f"/{n}" for n in range(30))), "/slow": in_turn(SLOW, html())}
    site.otherwise = Reply(body="x", after=0.02)

    async def beside(crawls: Crawls) -> None:
        await soon(site, 15)
        await crawls.stop()

    walk = source(f"{site.url}/", politeness={"concurrency": 2})
    first = run(walk, "r1", beside=beside)
    assert first.outcome == "interrupted"
    assert first.queued > 0
    assert (run.directory / "r1.db").exists()

    second = run(walk, "r1")
    assert second.outcome == "done"
    assert second.pages == 32
    assert all(site.times(f"/{n}") == 1 for n in range(30))
    assert site.times("/slow") == 2
    assert not (run.directory / "r1.db").exists()


def test_after_a_stop_no_run_is_begun(site: Site, run: Run) -> None:
    async def main() -> Outcome:
        await run.crawls.stop()
        return await run.crawls.crawl(run.order(source(f"{site.url}/")))

    assert asyncio.run(main()).outcome == "interrupted"


def test_nothing_is_fetched_while_the_worker_is_paused(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    run.begin()

    async def main() -> Outcome:
        run.crawls.pause("the spool is 85 % full")
        crawl = asyncio.ensure_future(run.crawls.crawl(run.order(source(f"{site.url}/"))))
        await asyncio.sleep(0.2)
        assert site.asked == []
        run.crawls.resume()
        return await asyncio.wait_for(crawl, 30)

    assert asyncio.run(main()).outcome == "done"
