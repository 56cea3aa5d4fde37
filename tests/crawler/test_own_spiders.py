"""Users' own Scrapy spiders run as sources: they behave as under stock Scrapy, and lose nothing at a kill."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import figure
from crawling.crawls import Run
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source, placed
from crawling.site import Site, serving
from crawling.warcs import WarcArchive, WarcFiles, ledger_of

from crawler.process import Crawls

TEN = (
    "Plain",
    "Crawling",
    "Sitemapped",
    "LoggedIn",
    "Paging",
    "Piped",
    "page_objects.py:Loaded",
    "Failing",
    "Deep",
    "Throttled",
)
ALIKE = ("Crawling", "Sitemapped", "Deep", "Throttled")
"""Spiders whose parts others of the ten have, too: compared by `make test-faults`."""
TESTS = Path(__file__).parent.parent
KILLS = figure(1, 50, 500)
UNDER_WAY = 17
"""The most exchanges that a kill finds not yet on disk: CONCURRENT_REQUESTS of Scrapy, and robots.txt."""
PATIENCE = 900.0
"""Seconds for a process of a spider, however busy the machine is."""


def stock(name: str, site: Site) -> list[object]:
    """The items of the same spider under stock Scrapy."""
    command = [sys.executable, str(SPIDERS / "stock.py"), placed(name), site.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Run]:
    """Crawls that are recorded in WARC files below `tmp_path / "spool"`."""
    archive = WarcArchive(tmp_path / "spool")
    yield Run(tmp_path, archive)
    archive.close()


def recorded_by(run: Run) -> WarcFiles:
    """Return the finished WARC files of crawls."""
    run.archive.close()
    return WarcFiles(run.directory / "spool" / "sealed")


def unreal(items: Path, warcs: WarcFiles) -> list[str]:
    """Return the items that name no record, or records that are not those of their page."""
    lines = [json.loads(line) for line in items.read_text().splitlines()]
    urls = warcs.urls
    return [line["url"] for line in lines if [urls.get(record) for record in line["records"]] != [line["url"]]]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.costly if name in ALIKE else ()) for name in TEN]
)
def test_a_spider_yields_and_records_the_same_as_under_stock_scrapy(name: str, files: Run, tmp_path: Path) -> None:
    with serving() as site:
        furnish(site)
        expected = stock(name, site)
        asked = Counter((one.method, one.path) for one in site.asked)
        site.asked.clear()

        source = own_source(site, name, keep={"record_auth": True})
        outcome = files(source, spiders=SPIDERS, items=tmp_path / "items")

        assert expected
        assert in_order(items_in(tmp_path / "items")) == in_order(expected)
        ours = Counter((one.method, one.path) for one in site.asked if one.path != "/robots.txt")
        sitemap_aside = asked - Counter({("GET", "/robots.txt"): 1})
        assert ours == sitemap_aside
        assert outcome.outcome == ("partial" if outcome.failures else "done"), outcome.reason
        assert outcome.spider is not None
        assert outcome.spider["items"] == len(expected)
        assert outcome.spider["stats"]["item_scraped_count"] == len(expected)
        warcs = recorded_by(files)
        assert warcs.exchanges == ledger_of(site)
        assert unreal(tmp_path / "items", warcs) == [f"{site.url}/cut"] * (name == "Failing")


def test_a_warc_that_lacks_an_exchange_or_has_other_bytes_is_seen(files: Run, tmp_path: Path) -> None:
    """The control."""
    with serving() as site:
        files(own_source(furnish(site), "Paging"), spiders=SPIDERS, items=tmp_path / "items")
    [whole] = recorded_by(files).paths
    warc = gzip.decompress(whole.read_bytes())
    last = warc.rindex(b"WARC/1.1\r\nWARC-Type: response")

    whole.write_bytes(warc[:last])  # warcio reads it without compression as well
    short = WarcFiles(tmp_path / "spool" / "sealed")
    whole.write_bytes(warc.replace(b'"next": null', b'"next": none'))
    changed = WarcFiles(tmp_path / "spool" / "sealed")

    assert (len(short.paths), len(changed.paths)) == (1, 1)
    assert ledger_of(site).total() == short.exchanges.total() + 1
    assert len(unreal(tmp_path / "items", short)) == 5
    assert (ledger_of(site) - changed.exchanges).total() == 1
    assert unreal(tmp_path / "items", changed) == []


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
        stocks = Counter(one.path for one in site.asked if one.path != "/robots.txt")
        site.asked.clear()
        kills = 0
        for _ in range(2):
            process = victim(name, site, tmp_path)
            until = len(site.asked) + chance.randrange(1, 12)
            deadline = time.monotonic() + PATIENCE
            while len(site.asked) < until and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.05)
            process.kill()
            kills += 1
            process.communicate(timeout=30)
            if (tmp_path / "items.jsonl").exists():
                break  # it was over before the kill
        else:
            output, _ = victim(name, site, tmp_path).communicate(timeout=PATIENCE)
            assert output.split()[-1] in (b"done", b"partial")

        assert in_order(items_in(tmp_path / "items.jsonl")) == in_order(expected)
        asked = Counter(one.path for one in site.asked if one.path != "/robots.txt")
        assert asked.keys() == stocks.keys()
        again = {path: times - stocks[path] for path, times in asked.items()}
        assert again.pop("/cut", 0) <= 2 * kills  # a kept connection that closes has its request sent once more
        assert max(again.values()) <= kills
        WarcArchive(tmp_path / "spool").close()  # recovers what the last kill left open
        warcs, ledger = WarcFiles(tmp_path / "spool" / "sealed"), ledger_of(site)
        assert warcs.exchanges <= ledger
        assert {f"{site.url}{path}" for path in stocks} - set(warcs.urls.values()) <= {f"{site.url}/cut"}
        assert (ledger - warcs.exchanges).total() <= kills * UNDER_WAY
        assert set(unreal(tmp_path / "items.jsonl", warcs)) <= {f"{site.url}/cut"}


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
