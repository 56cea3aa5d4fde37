"""Check what a source says about the user's own Scrapy spider: its name, and Scrapy settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_SPIDER = re.compile(r"[A-Za-z_][\w.]*(:[A-Za-z_]\w*)?|[\w./-]+\.py:[A-Za-z_]\w*|[\w-]+")

_OURS = "Pressmark's recorder, guard and ledger use it"
REFUSED: Mapping[str, str] = {
    "DOWNLOAD_HANDLERS": _OURS,
    "DOWNLOAD_HANDLERS_BASE": _OURS,
    "DOWNLOADER": _OURS,
    "SCHEDULER": _OURS,
    "SCHEDULER_DISK_QUEUE": _OURS,
    "SCHEDULER_MEMORY_QUEUE": _OURS,
    "DUPEFILTER_CLASS": _OURS,
    "JOBDIR": "runs resume from Pressmark's own ledger",
    "DOWNLOADER_MIDDLEWARES_BASE": "add yours to DOWNLOADER_MIDDLEWARES",
    "SPIDER_MIDDLEWARES_BASE": "add yours to SPIDER_MIDDLEWARES",
    "EXTENSIONS_BASE": "add yours to EXTENSIONS",
    "TWISTED_REACTOR": "spiders run in asyncio without a reactor",
    "TWISTED_REACTOR_ENABLED": "spiders run in asyncio without a reactor",
    "ROBOTSTXT_OBEY": "politeness.robots of the source decides that",
    "ROBOTSTXT_USER_AGENT": "politeness.robots of the source decides that",
    "USER_AGENT": "set user_agent or contact in the source",
    "HTTPCACHE_ENABLED": "a page from a cache is not fetched, so it would not be recorded",
    "DOWNLOAD_BIND_ADDRESS": "the worker does not bind to a local address",
    "LOG_FILE": "Pressmark writes the run log",
    "TELNETCONSOLE_ENABLED": "it would give access to the process",
    "REMOTE_CONTROL_ENABLED": "it would give access to the process",
    "STATS_CLASS": "the run reads Scrapy's own statistics",
}
"""Settings of Scrapy that would break a promise of the archive, and what to do instead."""


def check_spider(text: str) -> str:
    """Accept ``package.module:Class``, ``file.py:Class`` below HOME/spiders, or the name of an entry point.

    Raises ValueError.
    """
    if not _SPIDER.fullmatch(text) or ".." in text or text.startswith("/"):
        raise ValueError(
            f"{text!r} is not a spider; write package.module:Class, file.py:Class for a file in HOME/spiders, "
            "or the name of an entry point of the group pressmark.spiders"
        )
    return text


def check_scrapy(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return Scrapy settings unchanged. Raises ValueError for one that would break a promise."""
    for key in settings:
        if key in REFUSED:
            raise ValueError(f"{key} can't be set here: {REFUSED[key]}")
        if not key.isupper():
            raise ValueError(f"{key!r} is not a Scrapy setting: their names are uppercase")
    return settings
