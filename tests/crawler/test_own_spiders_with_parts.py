"""Spiders of users with parts of Scrapy that the source names, with settings, proxies and pauses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from crawling.crawls import Run, archiving
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source
from crawling.site import serving
from wire.proxies import proxying

from crawler.policy.shared import ChildLimits
from crawler.process import Crawls
from crawler.userspiders.run import SpiderRun

PARTS = """
import scrapy
from scrapy import signals

NAMES = "engine_started spider_opened request_scheduled request_reached_downloader response_received item_scraped"
NAMES += " spider_idle spider_closed"


class Own(scrapy.Spider):
    name = "o"

    def __init__(self, base):
        super().__init__()
        self.start_urls = [base + "/tree/1"]

    def parse(self, response):
        yield {"by": response.headers.get("By", b"").decode()}


class Downloading:
    def process_response(self, request, response):
        response.headers["By"] = "downloader middleware"
        return response


class Spiding:
    async def process_spider_output(self, response, result):
        async for one in result:
            yield one
        yield {"by": "spider middleware"}


class Piping:
    def process_item(self, item):
        return item | {"and": "pipeline"}


class Extending:
    def __init__(self, crawler):
        self.stats = crawler.stats
        for name in NAMES.split():
            crawler.signals.connect(getattr(self, name, None) or self.hearing(name), getattr(signals, name))

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def hearing(self, name):
        def hear():
            self.stats.inc_value(f"heard/{name}")

        setattr(self, name, hear)
        return hear
"""


def test_the_parts_that_a_source_names_work_and_hear_scrapys_signals(run: Run, tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text(PARTS)
    named = {
        "DOWNLOADER_MIDDLEWARES": {"parts.Downloading": 1},
        "SPIDER_MIDDLEWARES": {"parts.Spiding": 1},
        "ITEM_PIPELINES": {"parts.Piping": 1},
        "EXTENSIONS": {"parts.Extending": 1},
    }
    with serving() as site:
        source = own_source(furnish(site), "parts.py:Own", scrapy=named)
        outcome = run(source, spiders=tmp_path, items=tmp_path / "items")

    assert outcome.spider is not None
    heard = {name[6:]: count for name, count in outcome.spider["stats"].items() if name.startswith("heard/")}
    assert in_order(items_in(tmp_path / "items")) == in_order(
        [{"by": "downloader middleware", "and": "pipeline"}, {"by": "spider middleware", "and": "pipeline"}]
    )
    assert set(heard) == {
        "engine_started",
        "spider_opened",
        "request_scheduled",
        "request_reached_downloader",
        "response_received",
        "item_scraped",
        "spider_idle",
        "spider_closed",
    }
    assert heard["item_scraped"] == 2


def test_a_spider_gets_nothing_while_crawling_is_paused_and_then_continues(run: Run, tmp_path: Path) -> None:
    asked: list[int] = []

    async def pause(crawls: Crawls) -> None:
        crawls.pause("the disk is full")
        while not (isinstance(running := crawls._running.get("r"), SpiderRun) and running._asks):
            await asyncio.sleep(0.01)
        asked.append(len(site.asked))
        crawls.resume()

    with serving() as site:
        outcome = run(own_source(furnish(site), "Paging"), "r", beside=pause, spiders=SPIDERS, items=tmp_path / "i")

    assert asked == [0]
    assert outcome.outcome == "done"


def test_a_spider_has_the_memory_of_a_worker_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        yield {'a': 1}\n        yield {'b': len(bytes(1 << 31))}\n"
    )
    with serving() as site, archiving() as archive:
        limited = Run(tmp_path, archive, child=ChildLimits(memory=1 << 30))
        outcome = limited(own_source(furnish(site), "bad.py:Bad"), spiders=tmp_path, items=tmp_path / "items")

    assert outcome.outcome == "partial"
    assert "a callback raised MemoryError" in outcome.reason


def test_the_requests_of_a_callback_are_made_by_priority_and_the_latest_first(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import scrapy\nclass Own(scrapy.Spider):\n    name='o'\n    custom_settings = {'CONCURRENT_REQUESTS': 1}\n"
        "    def __init__(self, base):\n        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        if not response.url.endswith('/1'): return\n"
        "        for number, priority in ((10, 0), (11, 5), (12, -3), (13, 5)):\n"
        "            yield response.follow(f'/tree/{number}', priority=priority)\n"
    )
    with serving() as site:
        run(own_source(furnish(site), "own.py:Own"), spiders=tmp_path, items=tmp_path / "items")

    assert site.paths == ["/tree/1", "/tree/13", "/tree/11", "/tree/10", "/tree/12"]


def test_scrapy_settings_of_the_source_override_the_spider(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        source = own_source(furnish(site), "Piped", scrapy={"ITEM_PIPELINES": {"ten.Odd": None}, "DEPTH_LIMIT": 1})
        run(source, spiders=SPIDERS, items=tmp_path / "items")

    assert len(items_in(tmp_path / "items")) == 5


def test_scrapy_settings_of_the_service_hold_for_all_spiders_unless_the_source_overrides_them(
    run: Run, tmp_path: Path
) -> None:
    run.facts["child"] = ChildLimits(scrapy={"ITEM_PIPELINES": {"ten.Odd": 300}, "DEPTH_LIMIT": 1})
    with serving() as site:
        furnish(site)
        run(own_source(site, "Plain"), "a", spiders=SPIDERS, items=tmp_path / "a")
        run(own_source(site, "Plain", scrapy={"ITEM_PIPELINES": {}}), "b", spiders=SPIDERS, items=tmp_path / "b")

    changed, unchanged = items_in(tmp_path / "a"), items_in(tmp_path / "b")
    assert changed
    assert all(item.get("odd") for item in changed)
    assert len(unchanged) == 5
    assert not any("odd" in item for item in unchanged)


def test_the_proxy_that_a_spider_chooses_is_used_and_none_from_the_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    (tmp_path / "own.py").write_text(
        "import scrapy\nclass Own(scrapy.Spider):\n    name='o'\n    def __init__(self, base, proxy):\n"
        "        super().__init__(); self.base, self.proxy = base, proxy\n    async def start(self):\n"
        "        yield scrapy.Request(self.base + '/tree/30', meta={'proxy': self.proxy})\n"
        "        yield scrapy.Request(self.base + '/tree/31')\n"
        "    def parse(self, response):\n        yield {'url': response.url}\n"
    )
    with serving() as site, proxying(urlsplit(site.url).port or 0) as proxy:
        arguments = {"base": site.url, "proxy": f"http://user:secret@127.0.0.1:{proxy.port}"}
        source = own_source(furnish(site), "own.py:Own", arguments=arguments)
        run(source, spiders=tmp_path, items=tmp_path / "items")

    assert len(items_in(tmp_path / "items")) == 2
    [asked] = proxy.asked
    assert asked.startswith(f"GET {site.url}/tree/30 HTTP/1.1\r\n".encode())
    assert b"\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in asked
    through = {exchange.request.url.removeprefix(site.url): exchange.proxy for exchange, _, _ in run.archive.kept}
    assert through == {
        "/robots.txt": None,
        "/tree/30": f"http://127.0.0.1:{proxy.port}",
        "/tree/31": None,
    }
    assert b"Proxy-Authorization" not in b"".join(exchange.request.head for exchange, _, _ in run.archive.kept)


def test_a_spider_can_not_bind_to_an_address_or_read_from_a_cache(run: Run, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (tmp_path / "own.py").write_text(
        "import scrapy\nclass Own(scrapy.Spider):\n    name='o'\n"
        f"    custom_settings = {{'HTTPCACHE_ENABLED': True, 'HTTPCACHE_DIR': {str(cache)!r}}}\n"
        "    def __init__(self, base):\n        super().__init__(); self.base = base\n    async def start(self):\n"
        "        for meta in ({'bindaddress': '127.0.0.1'}, {}):\n"
        "            yield scrapy.Request(self.base + '/tree/30', meta=meta, dont_filter=True, errback=self.failed)\n"
        "    def parse(self, response):\n        yield {'url': response.url}\n"
        "    def failed(self, failure):\n        yield {'failed': str(failure.value)}\n"
    )
    with serving() as site:
        outcome = run(own_source(furnish(site), "own.py:Own"), spiders=tmp_path, items=tmp_path / "items")

    assert outcome.outcome in ("done", "partial"), outcome.reason
    failed, done = sorted(items_in(tmp_path / "items"), key=lambda item: "url" in item)
    assert failed == {"failed": "the worker does not bind to a local address; take bindaddress out of request.meta"}
    assert done == {"url": f"{site.url}/tree/30"}
    assert site.times("/tree/30") == 1
    assert not cache.exists()
