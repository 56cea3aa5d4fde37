"""Spiders of users that fail, block, are stopped, or ask for what they may not have: each run ends with a sentence."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, events
from crawling.ownspiders import SPIDERS, furnish, items_in, own_source
from crawling.site import Reply, serving

from crawler.policy.shared import ChildLimits
from crawler.process import Crawls

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
        r"a callback raised ValueError: no luck \(bad.py:8\)",
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
    "calls sys.exit": (
        "import sys, scrapy\nclass Bad(scrapy.Spider):\n    name='b'\n    def __init__(self, base):\n"
        "        super().__init__(); self.start_urls=[base+'/tree/1']\n"
        "    def parse(self, response):\n        sys.exit(3)\n",
        "partial",
        "the process of the spider ended with exit code 3",
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
    starts_others = "processes behind" in sentence
    run.facts["child"] = ChildLimits(confined=False if starts_others else "auto")
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
    assert outcome.reason == "the time limit of 2 seconds was reached"


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


def test_a_request_whose_meta_can_not_be_saved_is_reported_with_the_line_of_its_maker(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import threading, scrapy\nclass Own(scrapy.Spider):\n    name='o'\n    def __init__(self, base):\n"
        "        super().__init__(); self.base = base\n    async def start(self):\n"
        "        yield scrapy.Request(self.base + '/tree/1', meta={'lock': threading.Lock()})\n"
        "    def parse(self, response):\n"
        "        yield response.follow('/tree/20', self.parse_leaf, cb_kwargs={'lock': threading.Lock()})\n"
        "    def parse_leaf(self, response, lock):\n        yield {'url': response.url}\n"
    )
    with serving() as site:
        run(own_source(furnish(site), "own.py:Own"), spiders=tmp_path, items=tmp_path / "items")

    told = [str(event["reason"]) for event in events(run) if event["event"] == "unserialisable"]
    assert [reason.partition(":")[2].partition(")")[0] for reason in told] == ["6", "8"]
    assert all("cannot pickle '_thread.lock' object" in reason for reason in told)
    assert items_in(tmp_path / "items") == [{"url": f"{site.url}/tree/20"}]
