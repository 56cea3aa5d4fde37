"""Users' own Scrapy spiders run as sources: they behave as under stock Scrapy, and lose nothing at a kill."""

from __future__ import annotations

import asyncio
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import figure
from crawling.crawls import Run, archiving, events
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source
from crawling.site import Reply, Site, serving
from wire.proxies import proxying

from crawler.policy.shared import ChildLimits
from crawler.process import Crawls
from crawler.userspiders.run import SpiderRun

TEN = (
    "Plain",
    "Crawling",
    "Sitemapped",
    "LoggedIn",
    "Paging",
    "Piped",
    "Loaded",
    "Failing",
    "Deep",
    "Throttled",
)
TESTS = Path(__file__).parent.parent
KILLS = figure(2, 50, 500)


def stock(name: str, site: Site) -> list[object]:
    """The items of the same spider under stock Scrapy."""
    command = [sys.executable, str(SPIDERS / "stock.py"), name, site.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", TEN)
def test_a_spider_yields_the_same_as_under_stock_scrapy(name: str, run: Run, tmp_path: Path) -> None:
    with serving() as site:
        furnish(site)
        expected = stock(name, site)
        asked = Counter((one.method, one.path) for one in site.asked)
        site.asked.clear()

        outcome = run(own_source(site, name), spiders=SPIDERS, items=tmp_path / "items")

        assert expected
        assert in_order(items_in(tmp_path / "items")) == in_order(expected)
        ours = Counter((one.method, one.path) for one in site.asked if one.path != "/robots.txt")
        sitemap_aside = asked - Counter({("GET", "/robots.txt"): 1})
        assert ours == sitemap_aside
        assert outcome.outcome == ("partial" if outcome.failures else "done"), outcome.reason
        assert outcome.spider is not None
        assert outcome.spider["items"] == len(expected)
        assert outcome.spider["stats"]["item_scraped_count"] == len(expected)
        kept = Counter(f"{e.request.method} {e.request.url.removeprefix(site.url)}" for e, _, _ in run.archive.kept)
        assert kept == Counter(f"{one.method} {one.path}" for one in site.asked)


def test_an_item_names_the_records_that_it_came_from(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        run(own_source(furnish(site), "Plain"), spiders=SPIDERS, items=tmp_path / "items")

        recorded = {capture.record_id: capture.url for _, _, capture in run.archive.kept}
        lines = [json.loads(line) for line in (tmp_path / "items").read_text().splitlines()]
        assert lines
        for line in lines:
            assert [recorded[record] for record in line["records"]] == [line["url"]]


def victim(name: str, site: Site, directory: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "crawling.ownspiders", name, site.url, str(directory)]
    return subprocess.Popen(command, cwd=TESTS, env={"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}, stdout=subprocess.PIPE)


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(KILLS))
def test_kill_9_at_a_random_instant_loses_no_page_and_no_item_and_doubles_none(trial: int, tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    kinds = figure((chance.choice(TEN),), TEN, TEN)
    name = kinds[trial % len(kinds)]
    with serving() as site:
        furnish(site)
        expected = stock(name, site)
        everything = {one.path for one in site.asked}
        site.asked.clear()
        for _ in range(2):
            process = victim(name, site, tmp_path)
            until = len(site.asked) + chance.randrange(1, 12)
            deadline = time.monotonic() + 60
            while len(site.asked) < until and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.05)
            process.kill()
            process.communicate(timeout=30)
            if (tmp_path / "items.jsonl").exists():
                break  # it was over before the kill
        else:
            output, _ = victim(name, site, tmp_path).communicate(timeout=120)
            assert output.split()[-1] in (b"done", b"partial")

        assert in_order(items_in(tmp_path / "items.jsonl")) == in_order(expected)
        assert {one.path for one in site.asked} - {"/robots.txt"} == everything - {"/robots.txt"}
        kept = {url.removeprefix(site.url) for url in (tmp_path / "kept").read_text().split()}
        assert kept >= everything - {"/robots.txt"}


BAD = {
    "does not import": ("import nowhere_at_all\n", "failed", "nowhere_at_all"),
    "is no spider": ("Bad = 7\n", "failed", "does not inherit|not a class"),
    "is not there": ("Other = 7\n", "failed", "has no Bad"),
    "bad arguments": (
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self): super().__init__()\n",
        "failed",
        "unexpected keyword argument 'base'",
    ),
    "raises in start": (
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    async def start(self):\n"
        "        raise ValueError('no luck')\n        yield\n",
        "failed",
        r"start raised ValueError: no luck \(bad.py:5\)",
    ),
    "raises in parse": (
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        yield {'a': 1}\n        raise ValueError('no luck')\n",
        "partial",
        r"callbacks raised 1 times, the last: ValueError: no luck \(bad.py:8\)",
    ),
    "gives what can't be kept": (
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        yield {'a': object()}\n        yield 'text'\n        yield {'b': 1}\n",
        "partial",
        "2 objects could not be stored as items",
    ),
    "ends its process": (
        "import os, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        os.abort()\n",
        "partial",
        "the process of the spider was ended by SIGABRT",
    ),
    "leaves a process behind": (
        "import subprocess, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        subprocess.Popen(['sleep', '600'])\n        yield {'a': 1}\n",
        "done",
        "left processes behind; they were killed",
    ),
    "forks a process that keeps all open": (
        "import os, time, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        if os.fork() == 0: time.sleep(600)\n        os._exit(3)\n",
        "partial",
        "the process of the spider ended with exit code 3.*left processes behind",
    ),
    "breaks a promise": (
        "import scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    custom_settings={'SCHEDULER': 'a.B'}\n",
        "failed",
        "custom_settings of the spider has SCHEDULER",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_spider_ends_its_run_with_a_sentence(fault: str, run: Run, tmp_path: Path) -> None:
    text, ending, sentence = BAD[fault]
    (tmp_path / "bad.py").write_text(text)
    with serving() as site:
        outcome = run(own_source(furnish(site), "bad.py:Bad"), spiders=tmp_path, items=tmp_path / "items")

    assert outcome.outcome == ending, outcome.reason
    assert re.search(sentence, outcome.reason), outcome.reason


def test_a_spider_that_blocks_its_event_loop_is_killed_and_its_place_is_reported(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "import time, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        time.sleep(600)\n"
    )
    with serving() as site, archiving() as archive:
        blocked = Run(tmp_path, archive, child=ChildLimits(stalled_after=2.0))
        outcome = blocked(own_source(furnish(site), "bad.py:Bad"), spiders=tmp_path, items=tmp_path / "items")

    assert outcome.outcome == "partial"
    assert "blocked its event loop for 2 seconds" in outcome.reason
    assert "bad.py" in outcome.reason
    assert "line 7" in outcome.reason


def test_a_spider_that_never_ends_is_ended_by_the_time_limit(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "import asyncio, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    async def start(self):\n"
        "        while True:\n            await asyncio.sleep(0.01)\n            yield {'a': 1}\n"
    )
    with serving() as site:
        source = own_source(site, "bad.py:Bad", arguments={}, limits={"time": "2s"})
        outcome = run(source, spiders=tmp_path, items=tmp_path / "items")

    assert outcome.outcome == "limited"
    assert outcome.reason == "the time limit of 2s was reached"


def test_robots_txt_is_obeyed_whatever_the_spider_says(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        furnish(site)
        site.routes["/robots.txt"] = Reply(body="User-agent: *\nDisallow: /tree/1", type="text/plain")
        outcome = run(own_source(site, "Plain"), spiders=SPIDERS, items=tmp_path / "items")

    assert "/tree/1" not in site.paths
    assert "/tree/2" in site.paths
    assert outcome.dropped["robots"] >= 1
    assert [event["event"] for event in events(run)].count("robots") == 1


def test_an_address_that_the_source_does_not_allow_is_not_connected_to(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        furnish(site)
        source = own_source(site, "Plain", addresses=[], politeness={"robots": "ignore"})
        outcome = run(source, spiders=SPIDERS, items=tmp_path / "items")

    assert site.asked == []
    assert outcome.outcome == "failed"


def test_a_cancelled_run_keeps_its_results(run: Run, tmp_path: Path) -> None:
    async def beside(crawls: Crawls) -> None:
        while not items_there:
            await asyncio.sleep(0.01)
        crawls.cancel("r", "enough")

    items_there: list[int] = []
    with serving() as site:
        source = own_source(furnish(site), "Plain", politeness={"delay": "200ms", "concurrency": 1})
        outcome = run(
            source,
            "r",
            beside=beside,
            progress=lambda so_far: items_there.append(1) if (so_far.spider or {}).get("items") else None,
            spiders=SPIDERS,
            items=tmp_path / "items",
        )

    assert (outcome.outcome, outcome.reason) == ("cancelled", "enough")
    assert items_in(tmp_path / "items")
    assert not list(tmp_path.glob("r.*"))


def test_a_secret_argument_is_not_readable_in_the_archive(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_WORD", "x y!")
    (tmp_path / "own.py").write_text(
        "import scrapy\nclass Own(scrapy.Spider):\n    name='o'\n    def __init__(self, base, word):\n"
        "        super().__init__(); self.base, self.word = base, word\n    async def start(self):\n"
        "        yield scrapy.FormRequest(self.base + '/login', formdata={'pass': self.word})\n"
        "    def parse(self, response):\n        yield {'text': response.text}\n"
    )
    with serving() as site:
        arguments = {"base": site.url, "word": {"secret": "A_WORD"}}
        run(own_source(furnish(site), "own.py:Own", arguments=arguments), spiders=tmp_path, items=tmp_path / "items")

        assert site.last("/login").body == b"pass=x+y%21"
    [exchange] = [exchange for exchange, _, _ in run.archive.kept if exchange.request.method == "POST"]
    assert set(exchange.request.body) == {ord("*")}


def test_a_request_that_can_not_be_saved_is_made_and_reported_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import scrapy\nclass Own(scrapy.Spider):\n    name='o'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n    def parse(self, response):\n"
        "        yield response.follow('/tree/2', lambda found: [{'url': found.url}])\n"
    )
    with serving() as site:
        outcome = run(own_source(furnish(site), "own.py:Own"), spiders=tmp_path, items=tmp_path / "items")

    [told] = [event for event in events(run) if event["event"] == "unserialisable"]
    assert outcome.outcome == "done"
    assert items_in(tmp_path / "items") == [{"url": f"{site.url}/tree/2"}]
    assert str(told["reason"]).startswith("Own (own.py:7): a request can't be saved")


def test_a_stopped_worker_returns_the_run_and_it_resumes_where_it_was(run: Run, tmp_path: Path) -> None:
    started: list[int] = []

    async def stop(crawls: Crawls) -> None:
        while not started:
            await asyncio.sleep(0.01)
        await crawls.stop()

    with serving() as site:
        furnish(site)
        expected = stock("Plain", site)
        site.asked.clear()
        slow = own_source(site, "Plain", politeness={"delay": "100ms", "concurrency": 1})
        files = {"spiders": SPIDERS, "items": tmp_path / "items"}
        stopped = run(
            slow,
            "r",
            beside=stop,
            progress=lambda so_far: started.append(1) if (so_far.spider or {}).get("items", 0) > 1 else None,
            **files,
        )
        before = len(site.asked)
        ended = run(own_source(site, "Plain"), "r", **files)

    assert stopped.outcome == "interrupted"
    assert before < len(expected)
    assert (ended.outcome, ended.pages) == ("done", len(expected))
    assert in_order(items_in(tmp_path / "items")) == in_order(expected)


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


def test_while_crawling_is_paused_a_spider_gets_nothing_and_then_goes_on(run: Run, tmp_path: Path) -> None:
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
    assert "the last: MemoryError" in outcome.reason


def test_scrapy_settings_of_the_source_override_the_spider(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        source = own_source(furnish(site), "Piped", scrapy={"ITEM_PIPELINES": {"ten.Odd": None}, "DEPTH_LIMIT": 1})
        run(source, spiders=SPIDERS, items=tmp_path / "items")

    assert len(items_in(tmp_path / "items")) == 5


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
