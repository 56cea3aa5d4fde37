"""What all walks share: from an answer to a verdict, and from a page to the links that are followed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import DownloadCancelledError, NotSupported
from scrapy.http import Response

from archive.values.capture import Capture
from archive.values.errors import DatabaseUnusable
from crawler.frontier.page_fetch import Fetch, Stopped
from crawler.policy.answers import MOST_HOPS, Answered, Kind, Meaning, meaning_of
from crawler.policy.rows import Link, Role, Row
from crawler.policy.scope import OutOfScope
from crawler.policy.skip_reasons import UNREAD_LISTS
from crawler.policy.thread_pages import ThreadPosition
from crawler.spiders.background_readings import BackgroundReadings
from crawler.spiders.items import Found, Item
from crawler.spiders.run import Run, ended_unkept
from crawler.spiders.undecoded import Answer, DrawnAnswer, UndecodedAnswer, is_html
from crawler.spiders.walk_spider import WalkSpider
from crawler.wire.guard import AddressForbidden
from extractor.html.page import Page
from extractor.links.continuation import next_part
from extractor.links.links import base_of
from extractor.links.verdict import moved_to_login, of_page
from extractor.values.urls import Resolver
from extractor.values.verdict import BARRING, of_status

if TYPE_CHECKING:
    from twisted.python.failure import Failure


_log = logging.getLogger(__name__)
_MOST_FOLLOWING = 10
"""The most pages lost by a list at once whose links are looked for."""


class Walk(WalkSpider):
    """The steps of every kind of walk: from requests to answers, verdicts and new requests."""

    def __init__(self, crawl: Run, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        self._aside = BackgroundReadings(crawl)

    @property
    def is_reading(self) -> bool:
        """Whether an archived page is being read for its links."""
        return self._aside.busy

    def visit(self, response: Response) -> None:
        """Handle an answer: the callback of all requests for URLs of the frontier."""
        fetch: Fetch = response.meta["fetch"]
        try:
            self._visit(fetch, response)
        except Exception as error:  # our bug to fix; the page must not stay in flight forever
            _log.exception("the response of %s could not be processed", response.url)
            if fetch.settled is None:
                self.crawl.verdicts.failed(fetch, f"{type(error).__name__}: {error}")

    def miss(self, failure: Failure) -> None:
        """Handle a request without an answer: the errback of the same requests."""
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
        if ended_unkept(self.crawl, fetch):
            return
        meaning = meaning_of(response.status, response.headers, response.url, self.crawl.parts.now())
        match meaning.kind:
            case Kind.READ:
                self._read_answer(fetch, response)
            case Kind.UNCHANGED:
                self._unchanged(fetch)
            case Kind.MOVED:
                self._moved(fetch, meaning, cookie=b"Set-Cookie" in response.headers)
            case Kind.LATER:
                fetch.verdict = of_status(response.status)
                verdicts.again(fetch, meaning.reason, meaning.wait)
            case Kind.GONE:
                verdicts.done(fetch, self.instead(fetch.leased), meaning.reason)
            case Kind.REFUSED:
                fetch.verdict = of_status(response.status)
                verdicts.failed(fetch, meaning.reason)

    def _moved(self, fetch: Fetch, meaning: Meaning, *, cookie: bool) -> None:
        verdicts, row, target = self.crawl.verdicts, fetch.leased, meaning.target
        if target is None:
            verdicts.done(fetch, reason=f"{meaning.reason}, without a target")
        elif row.hops >= MOST_HOPS:
            verdicts.failed(fetch, f"more than {MOST_HOPS} redirects")
        elif fetch.is_page and (login := moved_to_login(row.url, target)):
            fetch.verdict = login
            verdicts.failed(fetch, f"{login.kind} ({login.why})")
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
        """Handle an unchanged page. A page of scripts is drawn again: what they fetch may have changed."""
        if self.crawl.drawing is None or not fetch.is_page or fetch.capture is None:
            self.crawl.media.first_of_unchanged(fetch, self._aside, self._read_unchanged)
            return

        async def look() -> Sequence[Link]:
            page = await self._aside.archived(fetch.url, capture)
            verdict = of_page(page) if is_html(page) else None
            if page.body and is_html(page) and drawing.wants(fetch.url, verdict, page.body):
                fetch.verdict = verdict
                content_type = (page.content_type or "text/html").encode("latin-1", "replace")
                drawn_from.append(Answered(200, ((b"Content-Type", content_type),), page.body))
            return ()

        def draw(_: Sequence[Link]) -> None:
            if drawn_from:
                drawing.draw(fetch, drawn_from[0], partial(self._read_drawn, fetch))
            else:
                self._read_unchanged(fetch)

        drawing, capture = self.crawl.drawing, fetch.capture
        drawn_from: list[Answered] = []
        self._aside.read(fetch, look, draw)

    def _read_unchanged(self, fetch: Fetch) -> None:
        """Handle a page that equals our capture; if its links are followed, they are read from that."""
        capture = fetch.capture
        if self.crawl.parts.reread is None or capture is None or not self.unchanged(fetch.leased, capture):
            self.crawl.verdicts.done(fetch)
            return

        def follow(found: Sequence[Link]) -> None:
            fetch.mark = self.mark(fetch.leased, found, alike=True)
            self.crawl.verdicts.done(fetch, found)

        self.reread(fetch, capture, follow, self._read_as_before)

    async def _read_as_before(self, page: Page, row: Row) -> Sequence[Link]:
        """Read the links of a requested page that had not changed."""
        found = await self._read(page, row)
        return [*found, *self.dropped(page, [page], row)] if row.role == self.compared else found

    def reread(
        self,
        what: Fetch | Row,
        capture: Capture,
        then: Callable[[Sequence[Link]], None],
        read: Callable[[Page, Row], Awaitable[Sequence[Link]]] | None = None,
    ) -> None:
        """Give the links of an archived page to `then`, or what `read` makes of the page.

        If the bytes of the archived page are lost, the page is requested in full instead.
        """
        row = what if isinstance(what, Row) else what.leased

        async def found() -> Sequence[Link]:
            return await (read or self._read)(await self._aside.copy(row.url, capture), row)

        self._aside.read(what, found, then)

    async def _compare(self, now: Page, row: Row, capture: Capture | None) -> Sequence[Link]:
        """Find what a page, or the pages that followed it, led to before and no longer does."""
        before = [await self._aside.archived(row.url, capture)] if capture is not None else []
        while before and len(before) <= _MOST_FOLLOWING and (following := self.followed_by(before[-1], now)):
            if (kept := self.crawl.knowledge.captured([following]).get(following)) is None:
                break
            before.append(await self._aside.archived(following, kept))
        return self.dropped(now, before, row)

    def _read_answer(self, fetch: Fetch, response: Response) -> None:
        """Handle an answer with a body: judge whether it is the page, and follow its links."""
        verdicts = self.crawl.verdicts
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        page = UndecodedAnswer(response, content_type)
        if fetch.is_page and response.body and page.is_html:
            verdict = fetch.verdict = of_page(page.decoded) or self.judge(page.decoded, fetch.leased)
            if verdict is not None and verdict.kind in BARRING:
                verdicts.failed(fetch, f"{verdict.kind} ({verdict.why})")
                return
            if verdict is not None and not verdict.is_page:
                verdicts.done(fetch, self.instead(fetch.leased), f"{verdict.kind} ({verdict.why})")
                return
            if self.crawl.drawing is not None and self.crawl.drawing.wants(fetch.url, verdict, page.decoded.body):
                served = Answered.of(response, page.decoded.body)
                self.crawl.drawing.draw(fetch, served, partial(self._read_drawn, fetch))
                return
        self._read_page(fetch, page)

    def _read_drawn(self, fetch: Fetch, html: str) -> None:
        """Handle what a browser drew: judge whether it is the page, and follow its links."""
        drawn = DrawnAnswer(fetch.url, html)
        verdict = fetch.verdict = of_page(drawn.decoded) or self.judge(drawn.decoded, fetch.leased)
        if verdict is not None and not verdict.is_page:
            self.crawl.verdicts.failed(fetch, f"{verdict.kind} ({verdict.why})")
        else:
            self._read_page(fetch, drawn)

    def _read_page(self, fetch: Fetch, page: UndecodedAnswer | DrawnAnswer) -> None:
        """Follow the links of an answer."""
        if fetch.is_page and page.is_html and page.decoded.body:
            self.crawl.knowledge.canonical_pages.note_canonical(fetch.url, page.decoded.body)
            fetch.signature = self.crawl.knowledge.page_memory.sign(page.decoded)
        then = self.crawl.media.first(fetch, page, partial(self._followed, fetch, page))
        row, depth = fetch.leased, self.crawl.scope.depth
        if page.has_body and (self.crawl.source.keep.requisites or self.reads(row, depth) or self._goes_on(row)):
            self._aside.read(fetch, partial(self._links, fetch, page), then)
        else:
            then(())

    def _followed(self, fetch: Fetch, page: UndecodedAnswer | DrawnAnswer, found: Sequence[Link]) -> None:
        """Finish an answer once all its links are known, except those that it led to before and no longer does."""
        if fetch.leased.role != self.compared or self.crawl.parts.reread is None:
            self.crawl.verdicts.done(fetch, found)
        else:
            compared = partial(self._compare, page.decoded, fetch.leased, fetch.capture)
            self._aside.read(fetch, compared, lambda gone: self.crawl.verdicts.done(fetch, [*found, *gone]))

    async def _links(self, fetch: Fetch, answer: UndecodedAnswer | DrawnAnswer) -> Sequence[Link]:
        row = fetch.leased
        self.crawl.requisites.note(answer.decoded, fetch.capture)
        try:
            found = await self._read(answer.decoded, row)
            fetch.mark = self.mark(row, found, alike=self.crawl.knowledge.page_memory.is_alike(fetch))
            return found
        except DatabaseUnusable:
            raise
        except Exception as error:  # an unreadable page is archived, too
            _log.warning("%s can't be read: %r", row.url, error)
            self.crawl.frontier.tally[UNREAD_LISTS] += row.role in (Role.LISTING, Role.FEED, Role.SITEMAP)
            self.crawl.log.event("unreadable", url=row.url, reason=f"{type(error).__name__}: {error}")
            return ()

    async def _read(self, page: Page, row: Row) -> list[Link]:
        found: list[Link] = []
        try:
            for one in self._yielded(Answer(page, row)):
                if isinstance(one, Link):
                    found.append(one)
                elif one is None:
                    await asyncio.sleep(0)
                else:
                    self._note_item(one, row)
        except DatabaseUnusable:  # if the database is unreachable, the page is read once more
            self.crawl.admission.forget()
            raise
        return found

    def _note_item(self, item: Item, row: Row) -> None:
        """Note an item that a walk yielded; it is written down with what became of the row."""
        if isinstance(item, ThreadPosition):
            self.crawl.frontier.noted[row.id] = item
        else:
            self.crawl.frontier.tally[item.kind] += 1

    def _goes_on(self, row: Row) -> bool:
        """Return whether a page may have a next part that its site's lists do not name and no walk finds otherwise."""
        return self.reads_lists and row.role == Role.PAGE and not self.reads(row, self.crawl.scope.depth)

    def _yielded(self, response: Answer) -> Iterator[Found]:
        page, row = response
        if row.role != Role.REQUISITE and self.reads(row, self.crawl.scope.depth):
            yield from self.parse(response)
            yield None
        elif (
            self._goes_on(row)
            and is_html(page)
            and (part := next_part(page, Resolver(base_of(page.tree.tags("base"), page.url))))
        ):
            yield from self.follow(row, part[0], deeper=0, modified=row.modified)
        if self.crawl.source.keep.requisites:
            yield from self.crawl.admission.requisites(self.crawl.requisites.of(page, row), row)
            yield None
