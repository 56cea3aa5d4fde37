"""Read threads described with schema.org: DiscussionForumPosting and QAPage, in microdata and JSON-LD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from selectolax.lexbor import LexborNode

from extractor.forums.addresses import home_of, number_of
from extractor.forums.bodies import read_body
from extractor.forums.element_text import number_in, shown_by
from extractor.forums.gate import is_called
from extractor.forums.month_order import writes_month_first
from extractor.forums.payloads import count, loads, mapping, moment, objects, post_of, text
from extractor.forums.times import NOT_SHOWN, ShownTime, read_times
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.html.regions import ancestors
from extractor.links.links import base_of
from extractor.links.pagination import next_page
from extractor.values.thread import Post, Thread
from extractor.values.urls import Resolver

_POSTS = ("DiscussionForumPosting", "Question", "Answer", "Comment")
_ITEMS = tuple(f"schema.org/{kind}" for kind in _POSTS)
_THREADS = ("schema.org/DiscussionForumPosting", "schema.org/QAPage", "schema.org/Question")
_BELOW = ("mainEntity", "mainEntityOfPage", "acceptedAnswer", "suggestedAnswer", "comment", "hasPart", "@graph")
_OPENERS = ".bbCodeBlock-expandLink"
"""The button that expands a long quotation, in XenForo."""
_MOST = 2_000
_DEEPEST = 40


def read_microdata(page: Page, at: datetime | None = None) -> Thread | None:
    """Return the posts in a page's microdata. None if there are fewer than two, or they have no authors."""
    return _thread(page, tuple(_microdata(page, at, Resolver(base_of(page.tagged("base"), page.url)))))


def read_json_ld(page: Page) -> Thread | None:
    """Return the posts in a page's JSON-LD, often not all.

    None if there are fewer than two, or they have no authors.
    """
    return _thread(page, tuple(_json_ld(page, Resolver(base_of(page.tagged("base"), page.url)))))


def is_whole(thread: Thread | None) -> bool:
    """Return whether each post has author and time: then no other reader can know more."""
    return thread is not None and all(post.author and post.date for post in thread.posts)


def _thread(page: Page, posts: tuple[Post, ...]) -> Thread | None:
    """Return a thread; None without authors: an FAQ, which has the same markup, has none."""
    if len(posts) < 2 or sum(post.author is not None for post in posts) * 2 < len(posts):
        return None
    heading = next(iter(page.tagged("h1")), None)
    title = in_one_line(heading) if heading is not None else None
    following = next_page(page, Resolver(base_of(page.tagged("base"), page.url)))
    home, number = home_of(page.url), number_of(page.url)
    return Thread(page.url, "schema.org", title or None, posts, home=home, page=number, next=following)


def _microdata(page: Page, at: datetime | None, resolver: Resolver) -> Iterator[Post]:
    """Yield posts, if there is a discussion or a question: comments alone may belong to an article."""
    if not any(is_called(item, _THREADS) for item in page.items):
        return
    posts = [item for item in page.items if is_called(item, _ITEMS)][:_MOST]
    items = [(item, body) for item in posts if (body := _own(item, ("text", "articleBody")))]
    shown = [_shown(_own(item, ("datePublished", "dateCreated")) or item.css_first("time")) for item, _ in items]
    dates = read_times(shown, at, month_first=writes_month_first(page))
    for (item, body), date in zip(items, dates, strict=True):
        quotes, openers = ({part.mem_id for part in body.css(selector)} for selector in ("blockquote", _OPENERS))
        read = read_body(body, resolver, quotes, openers)
        votes = _own(item, ("upvoteCount", "userInteractionCount"))
        said = read.text or body.attrs.get("content") or ""
        yield Post(
            id=item.attrs.get("id"),
            author=_author(item),
            date=date,
            text=said,
            markdown=read.markdown or said,
            own=read.own or said,
            score=number_in(_value(votes)) if votes is not None else None,
        )


def _own(item: LexborNode, names: Sequence[str]) -> LexborNode | None:
    """Return the first property of an item that does not belong to a nested item."""
    for name in names:
        for node in item.css(f"[itemprop~={name}]")[:20]:
            scope = next((around for around in ancestors(node) if "itemscope" in around.attributes), None)
            if scope is not None and scope.mem_id == item.mem_id:
                return node
    return None


def _shown(node: LexborNode | None) -> ShownTime:
    if node is None:
        return NOT_SHOWN
    return ShownTime(node.attributes.get("content"), None) if node.attributes.get("content") else shown_by(node)


def _author(item: LexborNode) -> str | None:
    author = _own(item, ("author", "creator"))
    if author is None:
        return None
    name = author.css_first("[itemprop~=name]")
    return _value(name if name is not None else author)


def _value(node: LexborNode) -> str | None:
    return (node.attributes.get("content") or in_one_line(node))[:120].strip() or None


def _json_ld(page: Page, resolver: Resolver) -> Iterator[Post]:
    for script in page.json_ld[:20]:
        yield from _described(loads(script.strip()), resolver, 0)


def _described(value: Any, resolver: Resolver, depth: int) -> Iterator[Post]:
    """Yield posts in order: a question, then its answers."""
    for item in objects(value if isinstance(value, list) else [value]):
        if _is_post(item) and (post := _post(item, resolver)).text:
            yield post
        for name in _BELOW if depth < _DEEPEST else ():
            yield from _described(item.get(name), resolver, depth + 1)


def _is_post(item: Mapping[str, Any]) -> bool:
    kinds = item.get("@type")
    return any(kind in _POSTS for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _post(item: Mapping[str, Any], resolver: Resolver) -> Post:
    author = item.get("author")
    writer = mapping(author[0] if isinstance(author, list) and author else author)
    return post_of(
        item.get("text") or item.get("articleBody"),
        resolver,
        id=text(item.get("@id")),
        author=text(writer.get("name")) or text(author),
        date=moment(item.get("datePublished") or item.get("dateCreated")),
        score=count(item.get("upvoteCount")),
        url=resolver(text(item.get("url")) or ""),
    )
