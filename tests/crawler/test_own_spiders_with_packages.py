"""Packages of others from PyPI work inside a user's spider, as docs/how-to/own-spiders.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from crawling.crawls import Run, events
from crawling.ownspiders import SPIDERS, furnish, in_order, items_in, own_source
from crawling.site import serving

GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "own-spiders.md").read_text("utf-8")
LISTED = """
import scrapy


class Listed(scrapy.Spider):
    name = "listed"

    def __init__(self, base):
        super().__init__()
        self.start_urls = [base + "/tree/1"]

    def parse(self, response):
        yield from response.follow_all(css="a", callback=self.parse_page)

    def parse_page(self, response):
        yield {"url": response.url}
"""


def described(file: str) -> str:
    """Return the code block of the guide for a file in `HOME/spiders`."""
    found = re.search(rf"```python\n# HOME/spiders/{re.escape(file)}\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def test_items_that_scrapy_poet_finds_by_the_address_have_the_records_of_their_page(run: Run, tmp_path: Path) -> None:
    found = {"ADDONS": {"scrapy_poet.Addon": 300}, "SCRAPY_POET_DISCOVER": ["page_objects"]}
    with serving() as site:
        source = own_source(furnish(site), "page_objects.py:Discovered", scrapy=found)
        outcome = run(source, spiders=SPIDERS, items=tmp_path / "items")

    recorded = {capture.record_id: capture.url for _, _, capture in run.archive.kept}
    assert outcome.outcome == "done", outcome.reason
    lines = [json.loads(line) for line in (tmp_path / "items").read_text().splitlines()]
    assert sorted(line["item"]["number"] for line in lines) == [
        0,
        *range(40),
    ]  # `start` is not filtered
    assert all([recorded[record] for record in line["records"]] == [line["url"]] for line in lines)
    assert all(line["url"].endswith(line["item"]["path"]) for line in lines)


def delta_crawl(run: Run, tmp_path: Path, middleware: str, url: str) -> Any:
    (tmp_path / "listed.py").write_text(LISTED)
    (tmp_path / "delta.py").write_text(described("delta.py"))
    deltas = tmp_path / ".files" / "own" / "deltas"
    deltas.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "SPIDER_MIDDLEWARES": {middleware: 100},
        "DELTAFETCH_ENABLED": True,
        "DELTAFETCH_DIR": str(deltas),
    }
    source = own_source(url, "listed.py:Listed", scrapy=settings)
    return run(source, spiders=tmp_path, items=tmp_path / "items")


def test_a_second_run_with_deltafetch_fetches_no_page_that_has_given_an_item(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        furnish(site)
        first = delta_crawl(run, tmp_path, "delta.Delta", site)
        items, asked = items_in(tmp_path / "items"), site.paths
        (tmp_path / "items").unlink()
        site.asked.clear()
        second = delta_crawl(run, tmp_path, "delta.Delta", site)

    given = [f"{site.url}/tree/{number}" for number in (0, 4, 5, 6)]
    assert (first.outcome, first.spider["stats"]["deltafetch/stored"]) == ("done", 4)
    assert in_order(items) == in_order([{"url": url} for url in given])
    assert len(asked) == 5
    assert second.spider["stats"]["deltafetch/skipped"] == 4
    assert items_in(tmp_path / "items") == []
    assert site.paths == ["/tree/1"]


def test_deltafetchs_own_class_is_refused_with_the_sentence_of_scrapy(run: Run, tmp_path: Path) -> None:
    with serving() as site:
        outcome = delta_crawl(run, tmp_path, "scrapy_deltafetch.DeltaFetch", furnish(site))

    assert (outcome.outcome, site.paths) == ("failed", [])
    assert "process_spider_output" in outcome.reason


MONITORED = """
from spidermon import Monitor, MonitorSuite, monitors
from spidermon.core.actions import Action

from listed import Listed as Plain

SCHEMA = {"type": "object", "properties": {"url": {"pattern": "[0-4]$"}}}


class Items(Monitor):
    @monitors.name("has items")
    def test_items(self):
        self.assertGreater(self.data.stats["item_scraped_count"], 100)


class Told(Action):
    def run_action(self):
        self.data["crawler"].stats.set_value("told", "the monitor failed")


class Suite(MonitorSuite):
    monitors = [Items]
    monitors_failed_actions = [Told]


class Listed(Plain):
    pass
"""


def test_spidermon_drops_invalid_items_and_its_monitors_do_not_change_the_outcome(run: Run, tmp_path: Path) -> None:
    (tmp_path / "listed.py").write_text(LISTED)
    (tmp_path / "monitored.py").write_text(MONITORED)
    settings = {
        "SPIDERMON_ENABLED": True,
        "EXTENSIONS": {"spidermon.contrib.scrapy.extensions.Spidermon": 500},
        "ITEM_PIPELINES": {"spidermon.contrib.scrapy.pipelines.ItemValidationPipeline": 800},
        "SPIDERMON_VALIDATION_SCHEMAS": ["monitored.SCHEMA"],
        "SPIDERMON_VALIDATION_DROP_ITEMS_WITH_ERRORS": True,
        "SPIDERMON_SPIDER_CLOSE_MONITORS": ["monitored.Suite"],
    }
    with serving() as site:
        source = own_source(furnish(site), "monitored.py:Listed", scrapy=settings)
        outcome = run(source, spiders=tmp_path, items=tmp_path / "items")

    stats = outcome.spider["stats"]
    assert outcome.outcome == "done", outcome.reason
    assert in_order(items_in(tmp_path / "items")) == in_order([{"url": f"{site.url}/tree/{n}"} for n in (0, 4)])
    assert stats["spidermon/validation/items/dropped"] == 2
    assert stats["told"] == "the monitor failed"
    dropped = [event for event in events(run) if event["event"] == "spider-log"]
    assert sum(str(event["reason"]).startswith("Dropped: Validation failed") for event in dropped) == 2
