"""A site: every link within its scope."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.policy.rows import Role, Row
from crawler.policy.slices import slices
from crawler.spiders.items import Found
from crawler.spiders.undecoded import Answer
from crawler.spiders.walk import Walk
from extractor.links.links import hrefs
from extractor.links.signature import signature


class SiteWalk(Walk):
    """Follows the links of pages, down to the depth of the source."""

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.PAGE and (depth is None or row.depth < depth)

    needs_body = reads

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        if not response.is_html:
            return
        if "?" in response.request.url:
            self.crawl.scope.read(response.request.url, signature(response.page))
        found_before = 0.0 if self.crawl.knowledge.page_memory.adaptive else None
        for some in slices(hrefs(response.body, response.url)):
            yield from self.follow_all(response.request, some, modified=found_before)
            yield None
