"""The settings of Scrapy for a run, and why each is not what Scrapy has by default.

None of Scrapy's middlewares and extensions is on: each costs every page an awaited call, and naming one to turn it off
would import it. (The one spider middleware is ours, and wraps `start` alone.) What they do is done elsewhere, or not at
all:

* offsite, depth, URL length: `scope`, `admission`, `traps`; robots.txt: `robots`, cached and recorded
* user agent, default headers, cookies, HTTP authentication: `requests`; proxy: `Recording`, never from the environment
* retries, redirects, meta refresh: URLs of the frontier, which wait there and not in a slot of the downloader
* decompression: bodies are kept as received, and read by `answers.body_of`; HTTP errors: `answers` judges every answer
* statistics: the tally of the frontier; throttling, limits, memory: `politeness`, the source, the supervisor
* feed exports, HTTP cache, referer: not at all; telnet console and remote control are ways in that nobody needs
"""

from __future__ import annotations

from typing import Any

from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings

from config.source import Source

_CONCURRENT = 16
"""Concurrent downloads of one run, over all its hosts. The limit per host is a matter of politeness."""


class SilentLogFormatter(LogFormatter):
    """Write no line for each page: formatting a line that is not shown costs as much as one that is."""

    def crawled(self, request: Any, response: Any, spider: Any) -> Any:
        return None


class SettingsOfOneRun(Settings):
    """Settings that no other crawler has. Scrapy copies any other deeply: a fifth of the work of a short run."""

    def copy(self) -> SettingsOfOneRun:
        return self


def settings_of(source: Source) -> SettingsOfOneRun:
    """Return the Scrapy settings for a run of a source."""
    return SettingsOfOneRun(_values_of(source))


def _values_of(source: Source) -> dict[str, Any]:
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "SCHEDULER": "crawler.engine.schedule.Schedule",
        "DOWNLOADER": "crawler.engine.downloader.Downloader",
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.wire.download.RecordingDownloadHandler",
            "https": "crawler.wire.download.RecordingDownloadHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),  # only HTTP and HTTPS are fetched
        },
        "DOWNLOAD_MAXSIZE": source.limits.page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "CONCURRENT_REQUESTS": max(_CONCURRENT, source.politeness.concurrency),
        # The tasks started for every answer, whatever it yields. Ours yields nothing, and one is the minimum.
        "CONCURRENT_ITEMS": 1,
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {"crawler.engine.schedule.StartMiddleware": 0},
        "EXTENSIONS_BASE": {},
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_FORMATTER": "crawler.engine.settings.SilentLogFormatter",
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "STATS_DUMP": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # inspects the source code of callbacks
    }
