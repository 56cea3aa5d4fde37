"""What a kind of walk says: its seeds, what it reads, and which links of a page it follows. How is `walk`'s."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from scrapy import Request, Spider

from archive.values.capture import Capture
from crawler.policy.rows import Link, Role, Row
from crawler.spiders.items import Found
from crawler.spiders.run import Run
from crawler.spiders.undecoded import Answer
from extractor.html.page import Page
from extractor.values.verdict import Verdict


class WalkSpider(Spider):
    """A kind of walk: which links of a page are followed, and as what. All it needs of the run is in `crawl`.

    A Scrapy spider: `start` yields a request for each seed, `parse` yields what an answer leads to and says. Two
    differences make it fast and let it outlive a kill. `parse` is called where the answer arrives, without a queue and
    tasks for each. And the requests that it yields are `Link`s: rows of the frontier on the disk, each of which becomes
    a `scrapy.Request` when its turn comes. Its items tell the run what the site lists (`crawler.spiders.items`); the
    pages themselves are kept by the recorder.
    """

    seed_role: ClassVar[Role] = Role.PAGE
    """What the seeds are."""
    adaptive: ClassVar[bool] = False
    """Whether pages that were found before are asked for when they are due, and not in each run."""
    reads_lists: ClassVar[bool] = False
    """Whether the site itself says what there is, so that what is missing can be told."""
    trusts_lists: ClassVar[bool] = False
    """Whether a list that gives a date for a page, or a mark, tells all its changes."""
    edits: ClassVar[bool] = False
    """All but edits, that is: pages are asked for again now and then although their list says nothing."""
    compared: ClassVar[Role | None] = None
    """Of which role pages are compared, by `dropped`, with what they were before."""

    def __init__(self, crawl: Run, **kwargs: Any) -> None:
        super().__init__(crawl.source.name, start_urls=list(crawl.seeds), **kwargs)
        self.crawl = crawl

    async def start(self) -> AsyncIterator[Any]:
        """Yield a request for each seed, as Scrapy's own `start` does, but with the URL exactly as it is.

        The scheduler adds them to the frontier, so a run that goes on after a kill does not fetch again what is done.
        """
        for url in self.start_urls:
            yield Request(url, dont_filter=True, meta={"verbatim_url": True})

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        """Whether `parse` has something to say about a URL; `depth` is the limit of the source."""
        return False

    @classmethod
    def needs_body(cls, row: Row, depth: int | None) -> bool:
        """Whether a URL has to be read even when it has not changed."""
        return False

    @classmethod
    def leads_on(cls, row: Row, depth: int | None) -> bool:
        """Whether the links of a page are followed that is not asked for, as far as it is kept."""
        return cls.needs_body(row, depth)

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        """Yield requests for what a page, listing, feed or sitemap leads to, and items. Requisites are found besides.

        At each None that is yielded other runs have their turn.
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
        """Make requests of the links of an answer, as far as they belong to the source and are new to the run.

        `deeper` is by how many links from a seed they are further than what was asked for.
        """
        return self.crawl.admission.pages(urls, asked.depth + deeper, role=role, modified=modified, mark=mark)

    def instead(self, row: Row) -> Sequence[Link]:
        """What is asked for where a URL is not there."""
        return ()

    def unchanged(self, row: Row, capture: Capture) -> bool:
        """A page that was asked for is as we have it: whether it is read once more."""
        return self.needs_body(row, self.crawl.scope.depth)

    def dropped(self, now: Page, before: Sequence[Page], row: Row) -> Sequence[Link]:
        """What a page led to and should still, and is asked for to see what became of it; `before`: as it is kept, with
        the pages that followed it and do no more.
        """
        return ()

    def followed_by(self, before: Page, now: Page) -> str | None:
        """The page that followed one of a list by then, where `now` is the last of the list."""
        return None

    def judge(self, page: Page, row: Row) -> Verdict | None:
        """What an answer is that the page alone does not tell to be something else than what was asked for."""
        return None

    def mark(self, row: Row, found: Iterable[Link], *, alike: bool) -> str | None:
        """What is to be remembered of a page that was read, in the place of what its list said.

        `alike`: it says what it said when it was last read.
        """
        return None
