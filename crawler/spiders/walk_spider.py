"""What defines a kind of walk: its seeds, what it reads, and which links of a page it follows. `walk` does the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from scrapy import Request, Spider

from archive.values.capture import Capture
from crawler.policy.rows import Link, Role, Row
from crawler.spiders.items import Found
from crawler.spiders.run import Run
from crawler.spiders.style_uses import SMALLEST_SHEET
from crawler.spiders.undecoded import Answer, is_sheet
from extractor.html.page import Page
from extractor.values.verdict import Verdict


class WalkSpider(Spider):
    """A kind of walk: which links of a page are followed, and in which role. All it needs of the run is in `crawl`.

    It is a Scrapy spider: `start` yields a request for each seed, `parse` yields requests and items. Two differences
    make it fast and let it survive a kill. `parse` is called when the answer arrives, without a queue and tasks for
    each answer. The requests that it yields are `Link`s: rows of the frontier on disk, each of which becomes a
    `scrapy.Request` when its turn comes. Items tell the run what the site lists (`crawler.spiders.items`); the recorder
    archives the pages.
    """

    seed_role: ClassVar[Role] = Role.PAGE
    """The role of the seeds."""
    adaptive: ClassVar[bool] = False
    """Whether known pages are requested when they are due, instead of in each run."""
    reads_lists: ClassVar[bool] = False
    """Whether the site itself lists its pages, so that missing ones can be reported."""
    trusts_lists: ClassVar[bool] = False
    """Whether a list that gives a date or a mark for a page shows all its changes."""
    edits: ClassVar[bool] = False
    """Whether it shows all changes except edits: pages are requested again occasionally although their list shows no
    change.
    """
    compared: ClassVar[Role | None] = None
    """The role of the pages that `dropped` compares with their previous state."""

    def __init__(self, crawl: Run, **kwargs: Any) -> None:
        super().__init__(crawl.source.name, start_urls=list(crawl.seeds), **kwargs)
        self.crawl = crawl

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each seed, as Scrapy's own `start` does, but with the URL exactly as it is.

        The scheduler adds them to the frontier, so a run resumed after a kill does not fetch finished seeds again.
        """
        for url in self.start_urls:
            yield Request(url, dont_filter=True, meta={"verbatim_url": True})

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        """Return whether `parse` can read a URL; `depth` is the limit of the source."""
        return False

    @classmethod
    def needs_body(cls, row: Row, depth: int | None) -> bool:
        """Return whether a URL must be read even if it is unchanged."""
        return False

    @classmethod
    def leads_on(cls, row: Row, depth: int | None) -> bool:
        """Return whether the links of a page that is not requested are followed from its archived copy."""
        return cls.needs_body(row, depth)

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        """Yield requests for what a page, listing, feed or sitemap leads to, and items. Requisites are found elsewhere.

        At each None that is yielded other runs get their turn.
        """
        yield from ()

    def follow(self, asked: Row, url: str, **facts: Any) -> list[Link]:
        """Make a request of a link: see `follow_all`."""
        return self.follow_all(asked, [url], **facts)

    def follow_all(
        self,
        asked: Row,
        urls: Iterable[str],
        *,
        deeper: int = 1,
        role: Role = Role.PAGE,
        modified: float | None = None,
        mark: str | None = None,
    ) -> list[Link]:
        """Make requests of the links of an answer that belong to the source and are new to the run.

        `deeper` is how many links further from a seed they are than the requested page.
        """
        return self.crawl.admission.pages(urls, asked.depth + deeper, role=role, modified=modified, mark=mark)

    def instead(self, row: Row) -> Sequence[Link]:
        """Return what is requested if a URL does not exist."""
        return ()

    def unchanged(self, row: Row, capture: Capture) -> bool:
        """Return whether a requested page that is unchanged is read again. New pages may use images of a sheet."""
        return self.needs_body(row, self.crawl.scope.depth) or (
            self.crawl.source.keep.requisites
            and row.role == Role.REQUISITE
            and is_sheet(capture.mime)
            and capture.payload_length >= SMALLEST_SHEET
        )

    def dropped(self, now: Page, before: Sequence[Page], row: Row) -> Sequence[Link]:
        """Return what a page led to before and no longer does, to be requested and checked.

        `before` is the page as archived, with the pages that no longer follow it.
        """
        return ()

    def followed_by(self, before: Page, now: Page) -> str | None:
        """Return the page that followed the last page of a list before; `now` is the last page of the list."""
        return None

    def judge(self, page: Page, row: Row) -> Verdict | None:
        """Return what an answer is, if the page alone does not show that it is not the requested one."""
        return None

    def mark(self, row: Row, found: Iterable[Link], *, alike: bool) -> str | None:
        """Return what is remembered of a page that was read, in place of what its list said.

        `alike`: it says the same as when it was last read.
        """
        return None
