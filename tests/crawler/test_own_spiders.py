"""Users' own Scrapy spiders run as sources: they behave as under stock Scrapy, and lose nothing at a kill."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import figure
from crawling.crawls import Run
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source
from crawling.site import Site, serving

from crawler.process import Crawls

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
PATIENCE = 900.0
"""Seconds for a process of a spider, however busy the machine is."""


def stock(name: str, site: Site) -> list[object]:
    """The items of the same spider under stock Scrapy."""
    command = [sys.executable, str(SPIDERS / "stock.py"), name, site.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
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
            deadline = time.monotonic() + PATIENCE
            while len(site.asked) < until and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.05)
            process.kill()
            process.communicate(timeout=30)
            if (tmp_path / "items.jsonl").exists():
                break  # it was over before the kill
        else:
            output, _ = victim(name, site, tmp_path).communicate(timeout=PATIENCE)
            assert output.split()[-1] in (b"done", b"partial")

        assert in_order(items_in(tmp_path / "items.jsonl")) == in_order(expected)
        assert {one.path for one in site.asked} - {"/robots.txt"} == everything - {"/robots.txt"}
        kept = {url.removeprefix(site.url) for url in (tmp_path / "kept").read_text().split()}
        assert kept >= everything - {"/robots.txt"}


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
    assert ended.outcome == "done"
    assert ended.pages - len(expected) in (0, 1)  # the one page in flight at the stop may be fetched again
    assert in_order(items_in(tmp_path / "items")) == in_order(expected)
