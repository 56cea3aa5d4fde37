"""Sitemaps: what they list, once, and again when they say that it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.policy.answers import MOST_HOPS
from crawler.policy.revisit import moment
from crawler.policy.robots import origin_of
from crawler.policy.rows import Link, Role, Row
from crawler.policy.scope import OutOfScope, clean
from crawler.policy.skip_reasons import LISTS, NO_LISTS
from crawler.policy.slices import slices
from crawler.spiders.undecoded import is_html
from crawler.spiders.walk import Walk
from extractor.html.page import Page
from extractor.links.sitemap import Entry, entries


class SitemapWalk(Walk):
    """Follows the pages of its sitemaps.

    A seed that is no sitemap, or is not there, stands for those that robots.txt names, or else for `/sitemap.xml`.
    """

    seed_role = Role.SITEMAP
    adaptive = True
    reads_lists = True
    trusts_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.SITEMAP

    needs_body = reads  # an index that did not change may well name a sitemap that did

    def found(self, page: Page, row: Row) -> Iterable[Sequence[Link]]:
        instead = row.seed and is_html(page)
        self.crawl.frontier.tally[NO_LISTS if instead else LISTS] += 1
        if instead:
            yield [*self._named_elsewhere(row)]
            return
        pages, sitemaps = entries(page.body, page.url)
        yield [*self._sitemaps(sitemaps, row)]
        for some in slices(pages):
            yield [link for entry in some for link in self._page(entry, row)]

    def instead(self, row: Row) -> list[Link]:
        return list(self._named_elsewhere(row)) if row.seed and row.role == Role.SITEMAP else []

    def _sitemaps(self, entries: Iterable[Entry], row: Row) -> Iterable[Link]:
        """Sitemaps may lie anywhere; one without a date is read each time."""
        if row.hops >= MOST_HOPS:
            return
        for entry in entries:
            try:
                url = clean(entry.url)
            except OutOfScope:
                continue
            yield Link(url, Role.SITEMAP, row.depth, row.hops + 1, modified=moment(entry.lastmod) or None)

    def _page(self, entry: Entry, row: Row) -> Sequence[Link]:
        return self.crawl.admission.pages([entry.url], row.depth + 1, modified=moment(entry.lastmod))

    def _named_elsewhere(self, row: Row) -> Iterable[Link]:
        origin = origin_of(row.url)
        rules = self.crawl.parts.robots.of(origin)
        named = (rules and rules.sitemaps) or [f"{origin}/sitemap.xml"]
        return self._sitemaps([Entry(url) for url in named], row)
