"""A site: every link within its scope."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.policy.rows import Link, Role, Row
from crawler.policy.slices import slices
from crawler.spiders.undecoded import is_html
from crawler.spiders.walk import Walk
from extractor.html.page import Page
from extractor.links.links import hrefs
from extractor.links.signature import signature


class SiteWalk(Walk):
    """Follows the links of pages, down to the depth of the source."""

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.PAGE and (depth is None or row.depth < depth)

    needs_body = reads

    def found(self, page: Page, row: Row) -> Iterable[Sequence[Link]]:
        if not is_html(page):
            return
        if "?" in row.url:
            self.crawl.scope.read(row.url, signature(page))
        found_before = 0.0 if self.crawl.knowledge.remembering.adaptive else None
        for some in slices(hrefs(page.body, page.url)):
            yield self.crawl.admission.pages(some, row.depth + 1, modified=found_before)
