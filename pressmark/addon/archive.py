"""The add-on, and the extension that it adds to a crawl: opened with the crawl, closed with the spider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.utils.asyncio import is_asyncio_available

from config.errors import ConfigError, Problem
from crawler.engine.project import ProjectRecording
from crawler.wire.recording import attach
from pressmark.addon.choices import Choices, choices_of
from pressmark.addon.crawl import FAILED, ArchivedCrawl

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from archive.values.errors import ArchiveError

log = logging.getLogger(__name__)

_HANDLER = "crawler.engine.project.ProjectDownloadHandler"
_SCHEMES = ("http", "https")
_BEAT = 2.0
"""Seconds between two beats."""
_ASYNCIO = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"


class Archive:
    """The add-on:

    ``ADDONS = {"pressmark.addon.Archive": 500}``. It replaces the download handler, and adds an extension.
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Set the download handler; called by Scrapy.

        Raises ConfigError for a project whose downloads can't be recorded.
        """
        handlers = dict(settings.getdict("DOWNLOAD_HANDLERS"))
        for scheme in _SCHEMES:
            _check_handler(scheme, handlers.get(scheme))
        settings.set("DOWNLOAD_HANDLERS", handlers | dict.fromkeys(_SCHEMES, _HANDLER), priority="cmdline")
        settings.setdefault_in_component_priority_dict("EXTENSIONS", ArchiveExtension, 0)


class ArchiveExtension:
    """The extension: records what one crawl fetches, and ends the crawl when recording fails."""

    def __init__(self, crawler: Crawler, choices: Choices) -> None:
        """Open the archive. Raises DatabaseUnusable, OSError and ConfigError when nothing could be archived."""
        self._crawler = crawler
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._error: Exception | None = None
        self._crawl = ArchivedCrawl(choices, self._failed, robots=crawler.settings.getbool("ROBOTSTXT_OBEY"))
        attach(crawler, ProjectRecording(crawler.settings, self._crawl.kept, guarded=choices.guarded))
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)
        crawler.signals.connect(self._stopped, signal=signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveExtension:
        """Create the extension; called by Scrapy. Raises ConfigError too."""
        if not is_asyncio_available():
            hint = f"remove it or set {_ASYNCIO}"
            reactor = str(crawler.settings.get("TWISTED_REACTOR"))
            raise ConfigError(Problem("pressmark.addon.Archive needs asyncio", "TWISTED_REACTOR", reactor, hint))
        return cls(crawler, choices_of(crawler.settings, crawler.spidercls.name))

    def _opened(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin(self._beat())

    async def _closed(self, reason: str) -> None:
        """Return when everything is on disk, and shipped as far as possible."""
        self._over.set()
        try:
            unshipped = await asyncio.to_thread(self._crawl.end, reason)
        except Exception as error:
            self._note(error)
            return
        self._log_summary()
        if unshipped is not None:
            log.error("the store did not accept the captures: %s; the next crawl or service uploads them", unshipped)

    def _stopped(self) -> None:
        """Set the crawler's spider to None: this makes `scrapy crawl` exit with 1."""
        if self._error is not None:
            self._crawler.spider = None

    async def _beat(self) -> None:
        while not self._over.is_set():
            if await asyncio.to_thread(self._crawl.beat):
                self._end_crawl("cancelled")
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT):
                    await self._over.wait()

    def _log_summary(self) -> None:
        tally, stats = self._crawl.tally, self._crawler.stats
        counts = tally.counts()
        stats.set_value("pressmark/run", self._crawl.run)
        stats.set_value("pressmark/reserved", len(tally.reserved))
        for name in ("captures", "revisits", "failures", "bytes"):
            stats.set_value(f"pressmark/{name}", getattr(counts, name))

    def _failed(self, error: ArchiveError) -> None:
        """Note that an exchange could not be written. Called in any thread."""
        assert self._loop is not None, "nothing can be fetched before the spider is opened"
        self._loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._note(error)
            self._end_crawl(FAILED)

    def _note(self, error: Exception) -> None:
        self._error = self._error or error
        log.error("the crawl fails because its responses can't be stored: %s", error)

    def _end_crawl(self, reason: str) -> None:
        if not self._over.is_set():
            self._begin(self._crawler.engine.close_spider_async(reason=reason))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))


def _check_handler(scheme: str, handler: object) -> None:
    """Raise ConfigError when the project has a download handler of its own."""
    if handler not in (None, _HANDLER):
        raise ConfigError(
            Problem(
                f"the project has its own download handler for {scheme}, whose responses can't be recorded",
                "DOWNLOAD_HANDLERS",
                str(handler),
                "remove it, or remove pressmark.addon.Archive from ADDONS",
            )
        )
