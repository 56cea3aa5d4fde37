"""The settings of Scrapy for a run, and why each is not what Scrapy has by default."""

from __future__ import annotations

import logging
from typing import Any

from scrapy.logformatter import LogFormatter

from config.source import Source

_CONCURRENT = 16
"""Downloads of one run at once, over all its hosts. What one host bears is politeness."""

_MIDDLEWARES = {
    # Each costs every page an awaited call, and what it does is done elsewhere.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # crawler.scope
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # crawler.robots: cached, recorded
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # source.headers
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": None,  # WireLimits
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": None,  # crawler.requests
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,  # crawler.requests
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # crawler.verdicts: waits outside of any slot
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,  # a link like any other
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # bodies are kept as received
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # a redirect is a URL of the frontier
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # crawler.requests
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # Recording.proxy; ours never come from the env
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,  # the tally of the frontier
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,  # crawler.revisit
}
_SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # crawler.answers judges them all
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # crawler.traps
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # crawler.admission
}
_EXTENSIONS = {
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.telnet.TelnetConsole": None,  # a way in that nobody needs
    "scrapy.extensions.memusage.MemoryUsage": None,  # the supervisor limits the worker's memory
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.closespider.CloseSpider": None,  # limits of the source
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,  # crawler.politeness
    "scrapy.extensions.remote_control.RemoteControl": None,  # a way in that nobody needs
}


class Quiet(LogFormatter):
    """Writes no line for each page: building one that is not shown costs as much as one that is."""

    def crawled(self, request: Any, response: Any, spider: Any) -> Any:
        return None


def settings_of(source: Source) -> dict[str, Any]:
    """What a run of a source is crawled with."""
    return {
        "TWISTED_REACTOR_ENABLED": False,
        "SCHEDULER": "crawler.schedule.Schedule",
        "DOWNLOADER": "crawler.downloader.Downloader",
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.download.RecordingDownloadHandler",
            "https": "crawler.download.RecordingDownloadHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),  # nothing but the web is fetched
        },
        "DOWNLOAD_MAXSIZE": source.limits.page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "CONCURRENT_REQUESTS": max(_CONCURRENT, source.politeness.concurrency),
        # The tasks that are started for every answer, whatever it yields; ours yields nothing, and one is the least.
        "CONCURRENT_ITEMS": 1,
        "DOWNLOADER_MIDDLEWARES": _MIDDLEWARES,
        "SPIDER_MIDDLEWARES": _SPIDER_MIDDLEWARES,
        "EXTENSIONS": _EXTENSIONS,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_FORMATTER": "crawler.settings.Quiet",
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "STATS_DUMP": False,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # looks at the source text of callbacks
    }


def quieten() -> None:
    """Set the level of Scrapy's loggers: a DEBUG record is built for every page as soon as one would be let through."""
    for name in ("scrapy", "protego"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
