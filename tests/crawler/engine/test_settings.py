"""The settings that Scrapy gets for a run."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType

from crawling.crawls import Run, source
from crawling.site import Site, html
from scrapy import Spider
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler

from config.source import Source
from crawler.engine.settings import settings_of

SOURCE = Source.model_validate({"source": "example", "seeds": ["http://a.example/"], "walk": "page"})


def test_scrapy_takes_the_settings_of_a_run_without_a_copy() -> None:
    settings = settings_of(SOURCE)
    assert Crawler(Spider, settings).settings is settings


def test_what_one_run_changes_no_other_run_sees() -> None:
    one, other = (Crawler(Spider, settings_of(SOURCE)).settings for _ in range(2))
    one.set("CONCURRENT_REQUESTS", 1, priority="spider")
    one["DOWNLOAD_HANDLERS"]["http"] = None
    assert other.getint("CONCURRENT_REQUESTS") == 16
    assert other["DOWNLOAD_HANDLERS"]["http"] == "crawler.wire.download.RecordingDownloadHandler"


def test_a_page_takes_none_of_scrapys_way_from_its_scheduler_to_its_downloader(site: Site, run: Run) -> None:
    site.routes |= {"/": html(*(f"/{n}" for n in range(9)))}
    site.otherwise = html()
    ways = {ExecutionEngine._download.__wrapped__.__code__, ExecutionEngine._schedule_request.__code__}  # type: ignore[attr-defined]
    taken: Counter[str] = Counter()

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in ways:
            taken[frame.f_code.co_name] += 1

    sys.setprofile(watch)
    try:
        outcome = run(source(f"{site.url}/"), "r1")
    finally:
        sys.setprofile(None)

    assert (outcome.outcome, outcome.pages) == ("done", 10)
    assert taken["_schedule_request"] == 1  # the seed
    assert taken["_download"] <= 1  # robots.txt, for a caller who waits
