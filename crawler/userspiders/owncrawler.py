"""Scrapy's crawler of a user's spider, with what its parts need of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from crawler.userspiders.ledger import Ledger
    from crawler.userspiders.link import Link


class OwnCrawler(Crawler):
    """In the child of a run."""

    ledger: Ledger
    link: Link
