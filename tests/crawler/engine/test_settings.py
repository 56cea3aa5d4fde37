"""The settings that Scrapy gets for a run."""

from __future__ import annotations

from scrapy import Spider
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
