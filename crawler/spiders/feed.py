"""Feeds: request each listed page once, and again when the feed says that it changed."""

from __future__ import annotations

from collections.abc import Iterator

from archive.values.capture import Capture
from crawler.policy.revisit import moment
from crawler.policy.rows import Role, Row
from crawler.policy.skip_reasons import LISTS
from crawler.spiders.items import Found, listed
from crawler.spiders.undecoded import Answer, is_html
from crawler.spiders.walk import Walk
from extractor.html.page import Page
from extractor.links.feed import read_feed


class FeedWalk(Walk):
    """Follows the items of its feeds, and the pages of older items as long as a page has an item to fetch."""

    seed_role = Role.FEED
    adaptive = True
    reads_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.FEED

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        feed = read_feed(response.body, response.url)
        yield listed(bool(feed.items) or not response.is_html)
        entries = [
            request
            for item in feed.items
            for request in self.follow(response.request, item.url, modified=moment(item.published, item.updated))
        ]
        if feed.next and self.crawl.knowledge.wanted(entries):
            yield from self.follow(response.request, feed.next, role=Role.FEED, deeper=0)
        yield from entries

    def unchanged(self, row: Row, capture: Capture) -> bool:
        """Return whether to read it again.

        An unchanged feed leads to nothing new; a "page" may be a page or a feed, which only reading shows.
        """
        if row.role != Role.FEED:
            return super().unchanged(row, capture)
        called_page = is_html(Page(row.url, b"", capture.mime))
        self.crawl.frontier.tally[LISTS] += not called_page
        return called_page
