"""The browser of a run: started when the first page needs it, and started again after a page that ended it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from crawler.browser.chromium import BrowserMissing, Chromium, close_page
from crawler.browser.compare_pictures import picture_distance
from crawler.browser.devtools import BrowserGone, CommandFailed, Message
from crawler.browser.messages import Drawn, Fetcher, NotOpened
from crawler.browser.page import BrowserPage
from crawler.policy.answers import Answered
from crawler.policy.session_cookies import Storage
from crawler.policy.shared import BrowserLimits

__all__ = ["Browser", "BrowserMissing"]


class Browser:
    """Draws one page at a time."""

    def __init__(self, directory: Path, limits: BrowserLimits, storage: Storage | None = None) -> None:
        """Set up. Pages find `storage` in their `localStorage`."""
        self._directory, self._limits, self._storage = directory, limits, storage or {}
        self._turn = asyncio.Lock()
        self._page: BrowserPage | None = None
        self._chromium: Chromium | None = None

    async def draw(self, url: str, answer: Answered, fetch: Fetcher) -> Drawn:
        """Draw a page whose own answer is known; all else that it requests is fetched by `fetch`.

        Raises PageFailed, and BrowserMissing.
        """
        async with self._turn:
            if self._chromium is not None:
                with suppress(NotOpened):  # a page before may have ended a process that only the next one needs
                    return await self._draw(url, answer, fetch)
            return await self._draw(url, answer, fetch)

    async def distance(self, first: bytes, second: bytes) -> float | None:
        """Return how much two pictures differ, from 0.0 to 1.0; None if the browser can't compare them in time.

        Raises PictureUnreadable.
        """
        async with self._turn:
            if self._chromium is None:
                self._chromium = await Chromium.start(self._limits.program, self._directory, self._heard)
            try:
                async with asyncio.timeout(self._limits.answers):
                    return await picture_distance(self._chromium.devtools, first, second)
            except (BrowserGone, CommandFailed, TimeoutError):
                await self.close()
                return None

    @property
    def process(self) -> int | None:
        """The id of the browser's process; None when none runs."""
        return self._chromium.process if self._chromium else None

    async def close(self) -> None:
        """End the browser, if it runs."""
        chromium, self._chromium = self._chromium, None
        if chromium is not None:
            await chromium.end()

    async def _draw(self, url: str, answer: Answered, fetch: Fetcher) -> Drawn:
        if self._chromium is None:
            self._chromium = await Chromium.start(self._limits.program, self._directory, self._heard)
        self._page = BrowserPage(self._chromium, url, answer, fetch, self._limits)
        self._page.storage = self._storage
        began, drawn = perf_counter(), None
        try:
            drawn = await self._page.draw()
            drawn.seconds = perf_counter() - began
            async with asyncio.timeout(self._limits.answers):
                await close_page(self._chromium.devtools)
        except (BrowserGone, CommandFailed, TimeoutError):
            if drawn is None:
                raise
            await self.close()
        except BaseException:
            await self.close()
            raise
        finally:
            self._page = None
        return drawn

    def _heard(self, event: Message) -> None:
        if self._page is not None:
            self._page.heard(event)
