"""Feeds: what they list, once, and again when they say that it changed."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.frontier import Link, Role, Row
from crawler.revisit import moment
from crawler.spiders.walk import Walk
from extractor.feed import read_feed
from extractor.page import Page


class FeedWalk(Walk):
    """Follows the items of its feeds."""

    seed_role = Role.FEED
    adaptive = True
    reads_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.FEED

    def found(self, page: Page, row: Row) -> Iterable[Link]:
        for item in read_feed(page.body, page.url).items:
            modified = moment(item.published, item.updated)
            yield from self.crawl.admission.pages([item.url], row.depth + 1, modified=modified)
