"""Documents whose addresses differ by a number or a date: each until it is there, and then as it is due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from scrapy import Request

from crawler.policy.backoff import patiently
from crawler.spiders.walk import Walk


class SeriesWalk(Walk):
    """Requests each document that is not archived in every run, and an archived one when it may have changed."""

    adaptive = True

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each document, as `WalkSpider.start` does."""
        knowledge = self.crawl.knowledge
        look = partial(asyncio.to_thread, knowledge.captured, self.start_urls)
        kept = await patiently(look, lambda: not self.crawl.ending)
        for url in self.start_urls:
            facts = {"verbatim_url": True, "modified": 0.0 if url in kept else None}
            yield Request(url, dont_filter=True, meta=facts)
