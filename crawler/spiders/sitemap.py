"""Sitemaps: request each listed page once, and again when the sitemap says that it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.policy.answers import MOST_HOPS
from crawler.policy.revisit import moment
from crawler.policy.robots import origin_of
from crawler.policy.rows import Link, Role, Row
from crawler.policy.scope import OutOfScope, clean
from crawler.policy.slices import slices
from crawler.spiders.items import Found, listed
from crawler.spiders.undecoded import Answer
from crawler.spiders.walk import Walk
from extractor.links.sitemap import Entry, entries


class SitemapWalk(Walk):
    """Follows the pages of its sitemaps.

    A seed that is not a sitemap, or does not exist, stands for the sitemaps that robots.txt names, or otherwise for
    `/sitemap.xml`.
    """

    seed_role = Role.SITEMAP
    adaptive = True
    reads_lists = True
    trusts_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.SITEMAP

    needs_body = reads  # an unchanged index may well name a changed sitemap

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        asked = response.request
        instead = asked.seed and response.is_html
        yield listed(not instead)
        if instead:
            yield from self._named_elsewhere(asked)
            return
        pages, sitemaps = entries(response.body, response.url)
        yield from self._sitemaps(sitemaps, asked)
        for some in slices(pages):
            for page in some:
                yield from self.follow(asked, page.url, modified=moment(page.lastmod))
            yield None

    def instead(self, row: Row) -> list[Link]:
        return list(self._named_elsewhere(row)) if row.seed and row.role == Role.SITEMAP else []

    def _sitemaps(self, entries: Iterable[Entry], row: Row) -> Iterable[Link]:
        """Return the sitemaps of an index. They may lie anywhere; one without a date is read every time."""
        if row.hops >= MOST_HOPS:
            return
        for entry in entries:
            try:
                url = clean(entry.url)
            except OutOfScope:
                continue
            yield Link(url, Role.SITEMAP, row.depth, row.hops + 1, modified=moment(entry.lastmod) or None)

    def _named_elsewhere(self, row: Row) -> Iterable[Link]:
        origin = origin_of(row.url)
        rules = self.crawl.parts.robots.of(origin)
        named = (rules and rules.sitemaps) or [f"{origin}/sitemap.xml"]
        return self._sitemaps([Entry(url) for url in named], row)
