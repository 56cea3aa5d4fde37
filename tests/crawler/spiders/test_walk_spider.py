"""The built-in walks are Scrapy spiders: `start` yields requests, `parse` yields requests and items."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from crawling.crawls import Run, events, source
from crawling.site import html, serving
from scrapy import Request, Spider

from crawler.engine.crawl import Crawl
from crawler.frontier.frontier import Frontier
from crawler.frontier.page_fetch import Fetch
from crawler.policy.rows import Link, Role, Row
from crawler.policy.skip_reasons import LISTS, NO_LISTS
from crawler.process import Crawls
from crawler.spiders import SPIDERS
from crawler.spiders.items import CountedAnswer
from crawler.spiders.undecoded import Answer, DrawnAnswer, UndecodedAnswer
from crawler.spiders.walk import Walk
from extractor.html.page import Page

SITE = "https://www.example.org"
FEED = f"<rss version='2.0'><channel><item><title>One</title><link>{SITE}/1</link></item></channel></rss>".encode()


def walk(run: Run, kind: str, *seeds: str) -> Walk:
    order = run.order(source(*seeds, walk=kind))
    crawl = Crawl(order, run.crawls._parts, lambda: None, Frontier(order.frontier))
    return crawl.walk(crawl)


def started(spider: Spider) -> list[Any]:
    async def all_of_it() -> list[Any]:
        return [one async for one in spider.start()]

    return asyncio.run(all_of_it())


def yielded(spider: Walk, page: Page, role: Role) -> list[Any]:
    row = Row(1, page.url, 1, role, 0, 0, 0, 1, None, None, None, None)
    return [one for one in spider.parse(Answer(page, row)) if one is not None]


@pytest.mark.parametrize("kind", [kind for kind in SPIDERS if kind != "series"])  # a series requests its documents
def test_start_yields_a_request_for_each_seed_with_its_url_as_it_is(kind: str, run: Run) -> None:
    seeds = [f"{SITE}/a", f"{SITE}/b?x=[1]|2"]

    requests = started(walk(run, kind, *seeds))

    assert all(type(request) is Request for request in requests)
    assert [request.url for request in requests] == seeds


def test_a_feed_yields_a_request_for_each_entry_and_an_item_that_it_is_a_feed(run: Run) -> None:
    feed, page = Page(SITE, FEED, "application/rss+xml"), Page(SITE, b"<p>not a feed", "text/html")
    spider = walk(run, "feed", SITE)

    item, request = yielded(spider, feed, Role.FEED)

    assert item == CountedAnswer(LISTS)
    assert isinstance(request, Link)
    assert request.url == f"{SITE}/1"
    assert yielded(spider, page, Role.FEED) == [CountedAnswer(NO_LISTS)]


def test_a_resumed_run_fetches_no_finished_seed_again(run: Run) -> None:
    async def stop(crawls: Crawls) -> None:
        while not run.archive.kept:
            await asyncio.sleep(0.01)
        await crawls.stop()

    with serving() as site:
        paths = [f"/{number}" for number in range(12)]
        site.routes |= {path: html() for path in paths}
        seeds = [site.url + path for path in paths]
        slow = source(*seeds, walk="page", politeness={"delay": "100ms", "concurrency": 1})
        stopped = run(slow, "r", beside=stop)
        before = len(site.paths)
        ended = run(source(*seeds, walk="page"), "r")

    assert (stopped.outcome, ended.outcome, ended.pages) == ("interrupted", "done", len(paths))
    assert 0 < before < len(paths)
    assert sorted(site.paths) == sorted(paths)


@pytest.mark.timeout(120)
def test_a_page_whose_links_a_walk_fails_to_follow_fails_alone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(SPIDERS["page"]):  # type: ignore[misc, name-defined, valid-type]
        def _followed(self, fetch: Fetch, page: UndecodedAnswer | DrawnAnswer, found: Sequence[Link]) -> None:
            if fetch.url.endswith("/bad"):
                raise RuntimeError("a bug")
            super()._followed(fetch, page, found)

    monkeypatch.setitem(SPIDERS, "page", Broken)
    with serving() as site:
        site.routes |= {"/bad": html("/picture.png"), "/good": html("/picture.png")}
        ended = run(source(f"{site.url}/bad", f"{site.url}/good", walk="page", keep={"requisites": True}))

    assert (ended.outcome, ended.pages, ended.failures) == ("partial", 1, 1)
    assert [event["reason"] for event in events(run) if event["event"] == "failure"] == ["RuntimeError: a bug"]
