"""Section pages of a news site: their articles, and older section pages as long as they list new articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crawler.policy.rows import Link, Role, Row
from crawler.spiders.items import Found
from crawler.spiders.undecoded import Answer
from crawler.spiders.walk import Walk
from extractor.links.listing import read_listing


class ListingWalk(Walk):
    """Follows the links to articles, and the next page as long as a page lists an article that is not archived."""

    seed_role = Role.LISTING
    adaptive = True
    reads_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.LISTING

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        if not response.is_html:
            return
        listing, asked = read_listing(response.page), response.request
        further = self.follow(asked, listing.next, role=Role.LISTING, deeper=0) if listing.next else []
        found_before = 0.0 if self.crawl.knowledge.page_memory.adaptive else None
        articles = self.follow_all(asked, [article.url for article in listing.articles], modified=found_before)
        if self._has_news(articles):
            yield from further
        yield from articles

    def _has_news(self, articles: Sequence[Link]) -> bool:
        """Return whether an article is new.

        It was not seen in this run and, unless all are wanted, not archived by an earlier one.
        """
        urls = [article.url for article in articles]
        fresh = set(urls) - self.crawl.frontier.seen(urls)
        if self.crawl.knowledge.page_memory.everything:
            return bool(fresh)
        return len(self.crawl.knowledge.captured(sorted(fresh))) < len(fresh)
