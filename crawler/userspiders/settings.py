"""The settings of Scrapy in the child of a user's spider: Scrapy's defaults, except for what the archive promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scrapy.settings import Settings

from config.values.spider import REFUSED
from crawler.userspiders.spider_loader import SpiderNotUsable

_HANDLER = "crawler.userspiders.link.LinkHandler"
_COOKIES = "scrapy.downloadermiddlewares.cookies.CookiesMiddleware"
_LASTING = "crawler.userspiders.cookies.LastingCookies"
_ROBOTS = "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware"
_OVERRULED = ("USER_AGENT", "ROBOTSTXT_OBEY", "LOG_FILE", "HTTPCACHE_ENABLED")
"""Settings that many spiders make for other deployments: the spiders run here without them."""


def settings_of(order: Mapping[str, Any], custom: Mapping[str, Any] | None) -> Settings:
    """Build the settings. The source overrides the spider's `custom_settings`, and our promises override both.

    Raises SpiderNotUsable for custom settings that would break a promise.
    """
    for key in custom or {}:
        if key in REFUSED and key not in _OVERRULED:
            raise SpiderNotUsable(f"custom_settings of the spider has {key}, which can't be set: {REFUSED[key]}")
    settings = Settings()
    settings.setdict(
        {
            "USER_AGENT": order["identity"],
            "CONCURRENT_REQUESTS_PER_DOMAIN": order["concurrency"],
            "DOWNLOAD_DELAY": 0,  # the worker does this, over all runs of the host
            "RETRY_TIMES": order["retries"],
            "DOWNLOAD_TIMEOUT": order["timeout"],
            "DOWNLOAD_MAXSIZE": 0,
            "DOWNLOAD_WARNSIZE": 0,
            "LOGSTATS_INTERVAL": 0,
            "HTTPPROXY_ENABLED": False,  # the worker uses request.meta["proxy"], and ignores proxies of the environment
        },
        "project",
    )
    settings.setdict(order["scrapy"], "cmdline")
    base = settings.getdict("DOWNLOADER_MIDDLEWARES_BASE")
    base = {name: place for name, place in base.items() if name not in (_COOKIES, _ROBOTS)} | {_LASTING: 700}
    settings.setdict(
        {
            "TWISTED_REACTOR_ENABLED": False,
            "SCHEDULER": "crawler.userspiders.schedule.Schedule",
            "DOWNLOAD_HANDLERS": {"http": _HANDLER, "https": _HANDLER, **dict.fromkeys(("data", "file", "ftp", "s3"))},
            "DOWNLOADER_MIDDLEWARES_BASE": base,
            "ROBOTSTXT_OBEY": False,  # the worker obeys robots.txt, whatever the source says
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "LOG_ENABLED": False,
            "LOG_FILE": None,
            "STATS_DUMP": False,
            "JOBDIR": None,
            "HTTPCACHE_ENABLED": False,
        },
        1000,
    )
    return settings
