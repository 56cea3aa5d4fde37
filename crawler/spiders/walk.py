"""What all walks share: from an answer to a verdict, and from a page to the links that are followed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy import Request, Spider
from scrapy.exceptions import CloseSpider, DownloadCancelledError, NotSupported
from scrapy.http import Response

from crawler.answers import MOST_HOPS, Kind, Meaning, body_of, meaning_of
from crawler.downloader import Stopped
from crawler.fetch import Fetch
from crawler.frontier import Link, Role, Row
from crawler.guard import AddressForbidden
from crawler.scope import OutOfScope
from extractor.content import LIMIT
from extractor.css import css_urls
from extractor.encoding import decode
from extractor.links import links
from extractor.page import Page

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from crawler.crawl import Crawl

_log = logging.getLogger(__name__)


class Walk(Spider):
    """A kind of walk: which links of a page are followed, and as what. All it needs of the run is in `crawl`."""

    seed_role: ClassVar[Role] = Role.PAGE
    """What the seeds are."""

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(crawl.source.name, **kwargs)
        self.crawl = crawl
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        """Whether `found` has something to say about a URL; `depth` is the limit of the source."""
        return False

    @classmethod
    def needs_body(cls, row: Row, depth: int | None) -> bool:
        """Whether a URL has to be read even when it has not changed."""
        return False

    def found(self, page: Page, row: Row) -> Iterable[Link]:
        """What a page, listing, feed or sitemap leads to. Requisites are found besides."""
        return ()

    async def start(self) -> AsyncIterator[Any]:
        """Log in, if need be, and let the requests go. They come from the frontier, so nothing is yielded here."""
        await self.crawl.prepare(self)
        if self.crawl.ending:
            raise CloseSpider(self.crawl.ending)
        self.crawl.begin()
        none: tuple[Request, ...] = ()
        for request in none:
            yield request

    def visit(self, response: Response) -> None:
        """The callback of all requests for URLs of the frontier."""
        fetch: Fetch = response.meta["fetch"]
        try:
            self._visit(fetch, response)
        except Exception as error:  # ours to mend; the page must not stay in flight for ever
            _log.exception("the answer of %s could not be dealt with", response.url)
            if fetch.settled is None:
                self.crawl.verdicts.failed(fetch, f"{type(error).__name__}: {error}")

    def miss(self, failure: Failure) -> None:
        """The errback of the same requests: there is no answer."""
        fetch: Fetch = failure.request.meta["fetch"]  # type: ignore[attr-defined]  # set by Scrapy
        error, verdicts = failure.value, self.crawl.verdicts
        reason = str(error) or type(error).__name__
        if isinstance(error, Stopped):
            verdicts.returned(fetch)
        elif isinstance(error, DownloadCancelledError):
            verdicts.done(fetch, reason=f"cut off: {reason}")
            self.crawl.log.event("cut-off", url=fetch.url, reason=reason)
        elif isinstance(error, AddressForbidden):
            verdicts.failed(fetch, f"forbidden address ({error.reason})")
        elif isinstance(error, NotSupported):
            verdicts.failed(fetch, reason)
        else:
            verdicts.unanswered(fetch, reason)

    def _visit(self, fetch: Fetch, response: Response) -> None:
        verdicts = self.crawl.verdicts
        self.crawl.requests.take_cookies(response)
        verdicts.answered(fetch)
        meaning = meaning_of(response.status, response.headers, response.url, self.crawl.parts.now())
        match meaning.kind:
            case Kind.READ:
                verdicts.done(fetch, self._links(fetch, response))
            case Kind.UNCHANGED:
                self._unchanged(fetch)
            case Kind.MOVED:
                self._moved(fetch, meaning, cookie=b"Set-Cookie" in response.headers)
            case Kind.LATER:
                verdicts.again(fetch, meaning.reason, meaning.wait)
            case Kind.GONE:
                verdicts.done(fetch, reason=meaning.reason)
            case Kind.REFUSED:
                verdicts.failed(fetch, meaning.reason)

    def _moved(self, fetch: Fetch, meaning: Meaning, *, cookie: bool) -> None:
        verdicts, row, target = self.crawl.verdicts, fetch.leased, meaning.target
        if target is None:
            verdicts.done(fetch, reason=f"{meaning.reason}, without saying where to")
        elif row.hops >= MOST_HOPS:
            verdicts.failed(fetch, f"more than {MOST_HOPS} redirects")
        elif target == row.url and cookie:
            verdicts.again(fetch, "redirects to itself", 0.0)
        elif target == row.url:
            verdicts.failed(fetch, "redirects to itself")
        else:
            try:
                verdicts.moved(fetch, self.crawl.admission.target(target, row), meaning.reason)
            except OutOfScope as out:
                verdicts.done(fetch, reason=f"{meaning.reason}, to a URL that does not belong ({out.reason})")

    def _unchanged(self, fetch: Fetch) -> None:
        """It is as we have it; when its links are followed, they are read from what we have."""
        reread, capture = self.crawl.parts.reread, fetch.capture
        if reread is None or capture is None or not self.needs_body(fetch.leased, self.crawl.scope.depth):
            self.crawl.verdicts.done(fetch)
            return

        async def follow() -> None:
            try:
                body = await asyncio.to_thread(reread, capture)
                page = Page(fetch.url, body or b"", capture.mime)
                found = self._read(page, fetch.leased)
            except Exception as error:  # what is kept stays kept, only its links are not followed this time
                self.crawl.log.event("not-reread", url=fetch.url, reason=str(error))
                found = []
            self.crawl.verdicts.done(fetch, found)

        task = asyncio.get_running_loop().create_task(follow())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _links(self, fetch: Fetch, response: Response) -> Sequence[Link]:
        row, depth = fetch.leased, self.crawl.scope.depth
        requisites = self.crawl.source.keep.requisites
        if not (requisites or self.reads(row, depth)) or not response.body:
            return ()
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        page = Page(response.url, body_of(response, LIMIT), content_type)
        try:
            return self._read(page, row)
        except Exception as error:  # a page that can't be read is kept all the same
            _log.warning("%s can't be read: %r", response.url, error)
            self.crawl.log.event("unreadable", url=response.url, reason=f"{type(error).__name__}: {error}")
            return ()

    def _read(self, page: Page, row: Row) -> list[Link]:
        found: list[Link] = []
        if row.role != Role.REQUISITE and self.reads(row, self.crawl.scope.depth):
            found += self.found(page, row)
        if self.crawl.source.keep.requisites:
            found += self.crawl.admission.requisites(_requisites(page, row), row)
        return found


def _requisites(page: Page, row: Row) -> Iterable[str]:
    """What a page needs to be shown, or a style sheet."""
    if row.role == Role.REQUISITE:
        return css_urls(decode(page.body, page.content_type)[0], page.url) if "css" in (page.content_type or "") else ()
    return links(page).requisites if is_html(page) else ()


def is_html(page: Page) -> bool:
    mime = (page.content_type or "").partition(";")[0].strip().lower()
    return mime in ("text/html", "application/xhtml+xml") or (not mime and page.body.lstrip()[:1] == b"<")
