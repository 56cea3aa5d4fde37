"""The base class of engines that are described by selectors. Engines that need more override methods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cache
from typing import Any, Self

from selectolax.lexbor import LexborNode

from extractor.forums.bodies import NO_BODY, Body, read_body
from extractor.forums.element_text import first, is_on, name_at, node_at, number_in, texts_at, time_at
from extractor.forums.marks import first_time
from extractor.forums.month_order import writes_month_first
from extractor.forums.names import named_by_marks
from extractor.forums.page_addresses import hrefs, with_fragment
from extractor.forums.pagers import next_after, numbers_of
from extractor.forums.quotations import outermost, quoted_name
from extractor.forums.times import NOT_SHOWN, ShownTime, read_times, zone_of
from extractor.html.cheap_queries import CheapQuery
from extractor.html.lines import in_one_line
from extractor.html.page import Page, parse
from extractor.links.links import base_of
from extractor.values.thread import Attachment, ForumLinks, Post, Quote, Thread, ThreadLink
from extractor.values.urls import Resolver

_cheap_query = cache(CheapQuery)
MOST_POSTS = 2_000
_MANY = 30
_IN_POSTS = ("body", "author", "time", "id", "permalink", "score", "answers")
_MOST_LINKS = 2_000


@dataclass(frozen=True)
class Engine:
    """Places are as in `extractor.forums.element_text`; those of a post are searched inside the post."""

    name: str
    sign: str
    post: str
    """A selector for each post of a thread; it matches nothing on other pages."""
    body: tuple[str, ...]
    author: tuple[str, ...]
    time: tuple[str, ...]
    id: tuple[str, ...] = ("@id",)
    id_pattern: str = r"\d+"
    """The pattern of the id in it; the last match counts."""
    permalink: tuple[str, ...] = ()
    dropped: str = ""
    """Elements in a body that are not part of it: signatures, edit notes, buttons."""
    quote: str = "blockquote"
    quote_author: tuple[str, ...] = ()
    quote_label: str = ""
    """In a quotation: its author, and buttons, which are not quoted text."""
    quote_link: tuple[str, ...] = ()
    quoted_post: str = r"\d+"
    """The pattern of the quoted post's id in that link; the last match counts."""
    attachment: str = ""
    score: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    title: tuple[str, ...] = ("h1",)
    board: tuple[str, ...] = ()
    """Links, with the board of the thread last."""
    tags: str = ""
    zone: str = ""
    """The place of the zone of the page's times."""
    pager: str = ""
    current: tuple[str, ...] = ()
    """The number of this page."""
    last: tuple[str, ...] = ()
    """The number of the last page, if the pager's links don't have it."""
    next: str = ""
    later: tuple[tuple[str, str], ...] = ()
    """Patterns of URLs of later pages, and the replacements that give the URL of the first page."""
    row: str = ""
    """On a page of a board: the element of one thread."""
    thread_link: str = ""
    thread_title: str = ""
    """The title of the thread, if its link has another text, such as the number of comments."""
    replies: tuple[str, ...] = ()
    last_post: tuple[str, ...] = ()
    board_link: str = ""

    def recognises(self, page: Page) -> bool:
        return _cheap_query(self.sign).first(page) is not None

    def has_posts(self, page: Page) -> bool:
        return bool(self.post) and page.tree.css_first(self.post) is not None

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        resolver = Resolver(base_of(page.tagged("base"), page.url))
        found = self._numbered_posts(page)
        if not found:
            return None
        reader = self._narrowed(page) if len(found) > _MANY else self
        dates = self._times(reader._shown(found), page, at)
        number, last = self._numbers(page)
        return Thread(
            url=page.url,
            engine=self.name,
            title=self.title_of(page),
            posts=named_by_marks(
                [reader._post(node, body, date, resolver) for (node, body), date in zip(found, dates, strict=True)],
                found,
            ),
            home=self.home(page),
            board=next(iter(self._boards(page)), None),
            tags=tuple(dict.fromkeys(in_one_line(node) for node in page.tree.css(self.tags)[:50])) if self.tags else (),
            page=number,
            pages=last,
            next=self._next(page, resolver),
        )

    def _narrowed(self, page: Page) -> Self:
        """Return the engine without the places of posts that this page has nowhere.

        A search for such a place reads all of a post, with those in it: for nested posts, that takes quadratic time.
        """
        there: dict[str, Any] = {
            name: tuple(place for place in getattr(self, name) if is_on(page.tree, place)) for name in _IN_POSTS
        }
        return replace(self, **there)

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        resolver = Resolver(base_of(page.tagged("base"), page.url))
        number, last = self._numbers(page)
        board = page.tree.css(self.board[0].partition("@")[0])[-1:] if self.board else []
        return ForumLinks(
            boards=hrefs(page.tree.css(self.board_link)[:_MOST_LINKS], resolver) if self.board_link else (),
            threads=tuple(self._threads(page, resolver, at)),
            next=self._next(page, resolver),
            page=number,
            pages=last,
            board=next(iter(hrefs(board, resolver)), None),
            home=self.home(page),
        )

    def title_of(self, page: Page) -> str | None:
        return first(page.tree, self.title)

    def author_of(self, post: LexborNode) -> str | None:
        return name_at(post, self.author)

    def time_of(self, post: LexborNode) -> ShownTime:
        return time_at(post, self.time)

    def id_of(self, post: LexborNode) -> str | None:
        """Return the number in the id, or the id if it has none."""
        written = first(post, self.id)
        numbers = re.findall(self.id_pattern, written or "")
        return numbers[-1] if numbers else written

    def home(self, page: Page) -> str:
        """Return the URL of the thread's first page."""
        url = page.url.partition("#")[0]
        for pattern, replacement in self.later:
            url = re.sub(pattern, replacement, url)
        return url

    def _posts(self, page: Page) -> Iterator[tuple[LexborNode, LexborNode]]:
        """Yield each post with its body; bodies that two selectors find count once."""
        seen: set[int] = set()
        for node in page.tree.css(self.post)[:MOST_POSTS]:
            body = node_at(node, self.body)
            if body is not None and body.mem_id not in seen:
                seen.add(body.mem_id)
                yield node, body

    def _numbered_posts(self, page: Page) -> list[tuple[LexborNode, LexborNode]]:
        """Return the posts with an id, if any has one: others among them are advertisements."""
        found = list(self._posts(page))
        return [pair for pair in found if self.id_of(pair[0])] or found

    def _shown(self, found: Sequence[tuple[LexborNode, LexborNode]]) -> list[ShownTime]:
        """Return the shown time of each post; if none has one in the usual place, use another place."""
        shown = [self.time_of(node) for node, _ in found]
        return shown if any(time != NOT_SHOWN for time in shown) else [first_time(node, body) for node, body in found]

    def _times(self, shown: Sequence[ShownTime], page: Page, at: datetime | None) -> list[str | None]:
        return read_times(shown, at, zone=self._zone(page), month_first=writes_month_first(page))

    def _zone(self, page: Page) -> timezone | None:
        said = (in_one_line(node) for node in page.tree.css(self.zone)[:3]) if self.zone else ()
        return next(filter(None, map(zone_of, said)), None)

    def _post(self, node: LexborNode, body: LexborNode, date: str | None, resolver: Resolver) -> Post:
        return self._read(
            body,
            node,
            resolver,
            id=self.id_of(node),
            author=self.author_of(node),
            date=date,
            score=self.score_of(node),
            url=self._permalink(node, resolver),
            answers=self.answers_of(node),
        )

    def post_from_json(self, html: Any, resolver: Resolver, **facts: Any) -> Post:
        """Return a post with an HTML body from JSON; `facts` are its other fields."""
        body = parse(html if isinstance(html, str) else "").body
        return self._read(body, body, resolver, **facts) if body is not None else Post(text="", **facts)

    def _read(self, body: LexborNode, around: LexborNode, resolver: Resolver, **facts: Any) -> Post:
        """Read a post from its body, and its attachments from the element around it."""
        quotes = body.css(self.quote) if self.quote else []
        read = self._body(body, quotes, resolver)
        return Post(
            text=read.text,
            markdown=read.markdown,
            own=read.own,
            quotes=tuple(self._quote(quote, resolver) for quote in outermost(quotes)),
            attachments=self._attachments(around, resolver),
            **facts,
        )

    def score_of(self, post: LexborNode) -> int | None:
        return number_in(first(post, self.score))

    def answers_of(self, post: LexborNode) -> str | None:
        numbers = re.findall(self.id_pattern, first(post, self.answers) or "")
        return numbers[-1] if numbers else None

    def _body(self, body: LexborNode, quotes: Iterable[LexborNode], resolver: Resolver) -> Body:
        dropped = {node.mem_id for node in body.css(self.dropped)} - {body.mem_id} if self.dropped else ()
        return read_body(body, resolver, {quote.mem_id for quote in quotes}, dropped)

    def _quote(self, quote: LexborNode, resolver: Resolver) -> Quote:
        labels = {node.mem_id for node in quote.css(self.quote_label)} - {quote.mem_id} if self.quote_label else ()
        read = read_body(quote, resolver, dropped=labels) if quote.is_element_node else NO_BODY
        link = first(self.label_of(quote), self.quote_link)
        numbers = re.findall(self.quoted_post, link or "")
        return Quote(
            text=read.text,
            author=self.quoted_author(quote),
            post=numbers[-1] if numbers else None,
            url=with_fragment(link, resolver),
        )

    def label_of(self, quote: LexborNode) -> LexborNode:
        """Return the element that names the quoted author."""
        return quote

    def quoted_author(self, quote: LexborNode) -> str | None:
        return quoted_name(name_at(quote, self.quote_author))

    def _attachments(self, node: LexborNode, resolver: Resolver) -> tuple[Attachment, ...]:
        found: dict[str, Attachment] = {}
        for link in node.css(self.attachment) if self.attachment else ():
            url = resolver(self.address_of(link) or "")
            if url:
                found.setdefault(url, Attachment(url, self.file_name_of(link)))
        return tuple(found.values())

    def address_of(self, attachment: LexborNode) -> str | None:
        return attachment.attrs.get("href") or attachment.attrs.get("src")

    def file_name_of(self, attachment: LexborNode) -> str | None:
        return in_one_line(attachment) or attachment.attrs.get("alt") or None

    def _permalink(self, node: LexborNode, resolver: Resolver) -> str | None:
        return with_fragment(first(self.link_source(node), self.permalink), resolver)

    def thread_title_of(self, row: LexborNode, link: LexborNode) -> str | None:
        return first(row, (self.thread_title,)) if self.thread_title else in_one_line(link)

    def last_post_of(self, row: LexborNode) -> ShownTime:
        return time_at(row, self.last_post)

    def link_source(self, post: LexborNode) -> LexborNode:
        """Return the element with the link to a post."""
        return post

    def _boards(self, page: Page) -> Iterator[str]:
        for place in self.board:
            yield from list(texts_at(page.tree, place))[-1:]

    def _numbers(self, page: Page) -> tuple[int | None, int | None]:
        """Return the page's number and the number of pages: 1 and 1 without a pager."""
        return numbers_of(page, self.pager, self.current, self.last)

    def _next(self, page: Page, resolver: Resolver) -> str | None:
        return next_after(page, resolver, arrow=self.next, pager=self.pager)

    def _threads(self, page: Page, resolver: Resolver, at: datetime | None) -> Iterator[ThreadLink]:
        found: dict[str, tuple[LexborNode, str]] = {}
        for row in page.tree.css(self.row)[:_MOST_LINKS] if self.row else ():
            link = row.css_first(self.thread_link)
            if link is None:
                continue
            url = resolver(link.attrs.get("href") or "")
            title = self.thread_title_of(row, link)
            if url and title:
                found.setdefault(url, (row, title))
        dates = self._times([self.last_post_of(row) for row, _ in found.values()], page, at)
        for (url, (row, title)), date in zip(found.items(), dates, strict=True):
            yield ThreadLink(url, title, number_in(first(row, self.replies)), date)
