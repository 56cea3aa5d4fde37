"""A forum: its tree of boards, their pages of threads, and the pages of the threads that were written to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crawler.rows import Link, Role, Row
from crawler.spiders.walk import Walk, is_html
from extractor.forum import ForumLinks, ThreadLink, forum_links
from extractor.links import base_of
from extractor.listing import read_listing
from extractor.moments import parse_moment
from extractor.page import Page
from extractor.pagination import next_page
from extractor.urls import Resolver

_MORE, _LAST = "more", "last"
"""Marks of a thread's later pages: whether another one followed when it was read."""


class ForumWalk(Walk):
    """Follows boards, and of their threads those that the board says were written to since they were read.

    The older pages of a board are left when a page of it lists no such thread: boards have the newest first. Of a
    thread that was written to, the first page is asked for and what was its last one; those between are followed as
    they are kept.
    """

    seed_role = Role.LISTING
    adaptive = True
    reads_lists = True
    trusts_lists = True

    @classmethod
    def reads(cls, row: Row, depth: int | None) -> bool:
        return row.role in (Role.LISTING, Role.THREAD)

    needs_body = reads

    @classmethod
    def leads_on(cls, row: Row, depth: int | None) -> bool:
        return row.role == Role.THREAD and row.mark == _MORE  # the first page of a thread that nobody wrote to does not

    def found(self, page: Page, row: Row) -> Iterable[Link]:
        if not is_html(page):
            return
        links = forum_links(page, self.crawl.parts.now()) or _links_of_any(page)
        if row.role == Role.THREAD:
            yield from self._further(links, row)
        else:
            yield from self._board(links, row)

    def mark(self, page: Page, row: Row, found: Iterable[Link]) -> str | None:
        if row.role != Role.THREAD or row.mark not in (_MORE, _LAST):
            return None
        return _MORE if any(link.role is Role.THREAD for link in found) else _LAST

    def _further(self, links: ForumLinks, row: Row) -> Iterator[Link]:
        if links.next:
            yield from self.crawl.admission.pages([links.next], row.depth, role=Role.THREAD, modified=0.0, mark=_MORE)

    def _board(self, links: ForumLinks, row: Row) -> Iterator[Link]:
        admission = self.crawl.admission
        yield from admission.pages(links.boards, row.depth + 1, role=Role.LISTING)
        threads = [link for thread in links.threads for link in self._thread(thread, row)]
        if links.next and self.crawl.knowledge.wanted(threads):
            yield from admission.pages([links.next], row.depth, role=Role.LISTING)
        yield from threads

    def _thread(self, thread: ThreadLink, row: Row) -> list[Link]:
        """What the board says of it: by the count of replies where there is one, or else by the last post's time."""
        at = parse_moment(thread.last_post) if thread.last_post else None
        modified = min(at, self.crawl.parts.now()).timestamp() if at is not None else 0.0
        mark = None if thread.replies is None else f"{thread.replies} replies"
        if mark is None and at is None:
            mark = thread.last_post
        return self.crawl.admission.pages([thread.url], row.depth + 1, role=Role.THREAD, modified=modified, mark=mark)


def _links_of_any(page: Page) -> ForumLinks:
    """Of an engine that we don't know: what a section page would list, and where it goes on."""
    listing = read_listing(page)
    threads = tuple(ThreadLink(article.url, article.title) for article in listing.articles)
    return ForumLinks(threads=threads, next=listing.next or next_page(page, Resolver(base_of(page.tree, page.url))))
