"""A forum: its tree of boards, their pages of threads, and the pages of threads with new posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scrapy.http import Response

from crawler.frontier.page_fetch import Fetch
from crawler.policy.rows import Link, Role, Row
from crawler.policy.settled_posts import are_settled
from crawler.policy.skip_reasons import LISTS, NO_BOARDS, UNREAD, UNREAD_LISTS, dropped_name
from crawler.policy.thread_pages import ThreadPosition
from crawler.spiders.boards import addressed, unlisted
from crawler.spiders.items import CountedAnswer, Found
from crawler.spiders.run import Run
from crawler.spiders.undecoded import Answer, UndecodedAnswer, is_html
from crawler.spiders.walk import Walk
from extractor.forums.addresses import home_of
from extractor.forums.registry import (
    ForumLinks,
    ThreadLink,
    answers_with_posts,
    forum_links,
    forum_of,
    read_thread,
)
from extractor.forums.social.bluesky import says_not_found
from extractor.forums.social.json_pages import is_json
from extractor.html.page import Page
from extractor.links.links import base_of
from extractor.links.listing import read_listing
from extractor.links.pagination import next_page, numbers
from extractor.links.verdict import of_no_thread
from extractor.values.moments import parse_moment
from extractor.values.urls import Resolver
from extractor.values.verdict import Verdict

_MORE, _ALL = "more", "all"
"""Marks of links to later pages: of a thread with new posts; of a thread that lost posts, so that any page may differ.
"""
_FRESH, _LAST = "fresh", "last"
"""Marks of later pages after they were read: new or changed; the last one.

No links carry them: these pages are requested with their thread.
"""
_XRPC_ERROR = 400
_REPLIES = " replies"
_OF_KNOWN_ENGINE = "boards-of-known-engine"
"""In the tally: pages of boards that list threads as a known engine does."""


class ForumWalk(Walk):
    """Follows boards, and those of their threads that have new posts since they were last read.

    The older pages of a board are skipped when a page of it lists no such thread: boards list the newest first. For a
    thread with new posts, all pages are requested; but a page that was found unchanged, or had no post of the last
    hours when it was first read, and was not the last is skipped until it is due. So are the pages of a board below
    those that list new posts. The links of a skipped page are read from its archived copy.

    A thread that a page of its board no longer names is requested to see whether it was deleted. Boards do not show
    edits: a thread is also requested once the time since its last fetch equals the time that it had been quiet then.
    """

    seed_role = Role.LISTING
    adaptive = True
    reads_lists = True
    trusts_lists = True
    edits = True
    compared = Role.LISTING

    def __init__(self, crawl: Run, **kwargs: Any) -> None:
        super().__init__(crawl, **kwargs)
        self._pushed: dict[str, Sequence[ThreadLink]] = {}
        """By the URL of a page of a board: the threads that the page before may have lost to it."""
        self._settled: set[str] = set()
        """The URLs of pages that were read just now for the first time, without a post of the last hours."""

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role in (Role.LISTING, Role.THREAD)

    needs_body = reads

    @classmethod
    def leads_on(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.THREAD and row.mark in (_MORE, _ALL)  # a first page without new posts does not

    def _visit(self, fetch: Fetch, response: Response) -> None:
        """Handle an answer. A deleted post of Bluesky is answered with 400, which means 404 there."""
        if response.status == _XRPC_ERROR and says_not_found(_page_of(response)):
            response = response.replace(status=404)
        super()._visit(fetch, response)

    def parse(self, response: Answer) -> Iterator[Found]:  # type: ignore[override]
        page, asked = response
        links = self._links_of(page) if response.is_html or is_json(page) else ForumLinks()
        if asked.role == Role.THREAD:
            if asked.mark == _MORE and self._is_settled(page, asked):
                self._settled.add(asked.url)
            yield from self._pages(links, asked)
        else:
            is_list = _is_of_forum(links, page)
            yield CountedAnswer(LISTS if is_list else NO_BOARDS)
            yield from (CountedAnswer(dropped_name(UNREAD)) for _ in range(links.unread))
            if links.is_cut or (is_json(page) and not is_list):
                yield CountedAnswer(UNREAD_LISTS)
            if links.threads and forum_of(page) is not None:
                yield CountedAnswer(_OF_KNOWN_ENGINE)
            yield from self._pages(links, asked) if _is_thread(links, page) else self._board(links, asked)

    def judge(self, page: Page, row: Row) -> Verdict | None:
        """Judge a page with little text, and neither posts nor threads, of a forum with a known engine."""
        if row.role != Role.THREAD or not self.crawl.frontier.tally[_OF_KNOWN_ENGINE]:
            return None
        forum = forum_of(page)
        if (forum is not None and forum.has_posts(page)) or (verdict := of_no_thread(page)) is None:
            return None
        links = forum.links(page) if forum is not None else ForumLinks()
        return None if links.threads or links.boards or read_thread(page) is not None else verdict

    def dropped(self, now: Page, before: Sequence[Page], row: Row) -> list[Link]:
        """Return threads that a page of a board no longer names, though they can't have moved to a later page.

        Threads that may have moved are looked for on the later page, when that is compared in the same run. Threads
        that moved to an earlier page are in the frontier, because that page was read before.
        """
        pushed = self._pushed.pop(row.url, None)
        if not before and not pushed:
            return []
        here, is_first = self._links_of(now), row.mark is None
        was = [*(pushed or ()), *(thread for page in before for thread in self._links_of(page).threads)]
        away = unlisted(was, here.threads, whole=not here.next and (is_first or pushed is not None))
        if here.next:
            self._pushed[here.next] = away.pushed
        missing = [thread.url for thread in away.missing]
        return self.follow_all(row, missing, role=Role.THREAD, mark=_MORE)

    def followed_by(self, before: Page, now: Page) -> str | None:
        """Return whether a board still has its further pages. One that names no threads for once has not lost them."""
        here = self._links_of(now)
        return None if here.next or not here.threads else self._links_of(before).next

    def mark(self, row: Row, found: Iterable[Link], *, alike: bool) -> str | None:
        if row.role == Role.LISTING:
            return _MORE if alike else _FRESH
        if row.mark not in (_MORE, _ALL):
            return None  # a first page: what its board says of it
        leads_on = any(link.role is Role.THREAD for link in found)
        settled = row.url in self._settled
        self._settled.discard(row.url)
        return _LAST if not leads_on else _MORE if alike or settled else _FRESH

    def _is_settled(self, page: Page, row: Row) -> bool:
        """Return whether a page that was never read before has no post that is likely to be edited before it is due."""
        memory = self.crawl.knowledge.page_memory
        if memory.of(row.url) is not None:
            return False
        forum, now = forum_of(page), self.crawl.parts.now()
        thread = forum.thread(page, page.at or now) if forum is not None else None
        dates = [post.date for post in thread.posts] if thread is not None else []
        return are_settled(dates, now, memory.bounds.least)

    def _links_of(self, page: Page) -> ForumLinks:
        """Return the links of a page. Times such as "3 hours ago" are relative to when the page was fetched."""
        links = forum_links(page, page.at or self.crawl.parts.now())
        return addressed(links or (ForumLinks() if is_json(page) else _links_of_any(page)))

    def _pages(self, links: ForumLinks, row: Row) -> Iterator[Found]:
        """Follow the further pages of a thread, and the pages beside it. A seed may be a thread, too."""
        yield from self._place(links, row)
        yield from self._further(links, row)
        yield from self._beside(links, row)

    def _place(self, links: ForumLinks, row: Row) -> Iterator[ThreadPosition]:
        """Yield which page of its thread this is, and how many there are, if the thread has more than one."""
        if (links.pages or 1) > 1 or row.mark in (_MORE, _ALL):
            number = links.page if (links.pages or 1) > 1 else None
            yield ThreadPosition(links.home or row.url, number, links.pages or 1)

    def _further(self, links: ForumLinks, row: Row) -> Iterator[Link]:
        if links.next:
            mark = _ALL if row.mark == _ALL or self._has_lost_posts(row) else _MORE
            yield from self.follow(row, links.next, deeper=0, role=Role.THREAD, modified=0.0, mark=mark)

    def _beside(self, links: ForumLinks, row: Row) -> Iterator[Link]:
        """Follow the pages beside a thread. They are requested again once the thread gives a later time for them."""
        for page in links.beside:
            yield from self.follow(row, page.url, deeper=0, modified=self._last_post(page))

    def _has_lost_posts(self, row: Row) -> bool:
        before = self.crawl.knowledge.page_memory.of(row.url)
        return before is not None and _replies(row.mark) < _replies(before.mark)

    def _board(self, links: ForumLinks, row: Row) -> Iterator[Link]:
        yield from self.follow_all(row, links.boards, role=Role.LISTING)
        threads = [link for thread in links.threads for link in self._thread(thread, row)]
        following = [links.next] if links.next else []
        if self.crawl.knowledge.wanted(threads):
            yield from self.follow_all(row, following, deeper=0, role=Role.LISTING, mark=_MORE)
        else:
            yield from self.follow_all(row, following, deeper=0, role=Role.LISTING, modified=0.0, mark=row.mark)
        yield from threads

    def _thread(self, thread: ThreadLink, row: Row) -> list[Link]:
        """Return the mark of a thread: its count of replies if there is one, otherwise the time of its last post."""
        modified = self._last_post(thread)
        mark = None if thread.replies is None else f"{thread.replies}{_REPLIES}"
        if mark is None and not modified:
            mark = thread.last_post
        return self.follow(row, thread.url, role=Role.THREAD, modified=modified, mark=mark)

    def _last_post(self, thread: ThreadLink) -> float:
        """Return the time of the last post, not later than now, in seconds since 1970; 0 if it is unknown."""
        at = parse_moment(thread.last_post) if thread.last_post else None
        return min(at, self.crawl.parts.now()).timestamp() if at is not None else 0.0


def _is_of_forum(links: ForumLinks, page: Page) -> bool:
    """Return whether a page lists boards or threads, has a next page, or is a thread itself.

    A list of posts in JSON may be empty.
    """
    listed = bool(links.boards or links.threads or links.next) or answers_with_posts(page)
    return listed or (is_html(page) and read_thread(page) is not None)


def _is_thread(links: ForumLinks, page: Page) -> bool:
    """Return whether a page is of a thread of a known engine. An answer in JSON is a list of posts."""
    forum = forum_of(page) if not (links.boards or links.threads or is_json(page)) else None
    return forum is not None and forum.has_posts(page)


def _page_of(response: Response) -> Page:
    content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
    return UndecodedAnswer(response, content_type).decoded


def _replies(mark: str | None) -> int:
    number = (mark or "").removesuffix(_REPLIES)
    return int(number) if number.isdecimal() else 0


def _links_of_any(page: Page) -> ForumLinks:
    """Return the links for an unknown engine: what a section page would list, and its next page."""
    listing = read_listing(page)
    threads = tuple(ThreadLink(article.url, article.title) for article in listing.articles)
    resolver = Resolver(base_of(page.tree.tags("base"), page.url))
    number, pages = numbers(page, resolver)
    following = listing.next or next_page(page, resolver)
    return ForumLinks(threads=threads, next=following, page=number, pages=pages, home=home_of(page.url))
