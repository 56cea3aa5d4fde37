"""Bluesky, and others with its interface (XRPC): JSON of the feed of an author, and of a post with its replies.

Source: the lexicons `app.bsky.feed.getAuthorFeed`, `app.bsky.feed.getPostThread`, `app.bsky.feed.defs`,
`app.bsky.embed` and `app.bsky.richtext.facet`. The interface needs no login for public posts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from extractor.forums.engine import MOST_POSTS, Engine
from extractor.forums.payloads import count, loads, mapping, moment, objects, post_of, text
from extractor.forums.social.json_pages import is_json, origin_of, paragraph, path_of, title_of
from extractor.html.page import Page
from extractor.values.thread import Attachment, ForumLinks, Post, Thread, ThreadLink
from extractor.values.urls import Resolver

_FEED, _THREAD = "/xrpc/app.bsky.feed.getAuthorFeed", "/xrpc/app.bsky.feed.getPostThread"
_DEEP = 100
"""Levels of replies to a post that are requested with it."""
_SITE = "https://bsky.app"


class _Bluesky(Engine):
    def recognises(self, page: Page) -> bool:
        return bool(_answer(page))

    def has_posts(self, page: Page) -> bool:
        return self.thread(page) is not None

    def thread(self, page: Page, at: datetime | None = None) -> Thread | None:
        top = mapping(_answer(page).get("thread"))
        resolver = Resolver(page.url)
        posts = tuple(_post(view, resolver) for view in _views(top))
        if not posts:
            return None
        return Thread(
            url=page.url,
            engine=self.name,
            title=title_of(posts[0].text),
            posts=posts,
            home=page.url,
            tags=_labels(mapping(top.get("post"))),
            page=1,
            pages=1,
        )

    def links(self, page: Page, at: datetime | None = None) -> ForumLinks:
        said = _answer(page)
        if "feed" not in said:
            return ForumLinks(home=page.url, page=1, pages=1) if said else ForumLinks()
        views = [view for item in objects(said["feed"]) if _is_post(view := mapping(item.get("post")))]
        cursor = text(said.get("cursor"))
        return ForumLinks(
            threads=tuple(dict.fromkeys(_link(view, page) for view in views)),
            next=_after(page.url, cursor) if cursor and views else None,
        )


def _answer(page: Page) -> Mapping[str, Any]:
    """Return the JSON of a page at an address of the interface; empty for anything else, and for errors."""
    path = path_of(page.url)
    key = "feed" if path.endswith(_FEED) else "thread" if path.endswith(_THREAD) else None
    said = mapping(loads(page.text)) if key and is_json(page) else {}
    return said if key in said else {}


def says_not_found(page: Page) -> bool:
    """Return whether an answer says that a post does not exist: with status 400, as XRPC does for all its errors."""
    if not path_of(page.url).endswith(_THREAD) or not is_json(page):
        return False
    return mapping(loads(page.text)).get("error") == "NotFound"


def _is_post(view: Mapping[str, Any]) -> bool:
    return bool(text(view.get("uri")) and mapping(view.get("record")))


def _link(view: Mapping[str, Any], page: Page) -> ThreadLink:
    root = f"{origin_of(page.url)}{path_of(page.url).partition('/xrpc/')[0]}"
    address = f"{root}{_THREAD}?uri={quote(text(view.get('uri')) or '', safe='')}&depth={_DEEP}"
    record = mapping(view.get("record"))
    return ThreadLink(
        address, title_of(str(record.get("text") or "")) or "", count(view.get("replyCount")), _written(view)
    )


def _after(url: str, cursor: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "cursor"]
    return parts._replace(query=urlencode([*query, ("cursor", cursor)]), fragment="").geturl()


def _written(view: Mapping[str, Any]) -> str | None:
    """Return when a post was written, as its author says; otherwise when the network had it."""
    return moment(mapping(view.get("record")).get("createdAt")) or moment(view.get("indexedAt"))


def _views(top: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the requested post, the posts above it from the first on, and its replies, each before its own replies.

    Posts that were deleted, or whose author blocks the reader, are not there.
    """
    if not _is_post(mapping(top.get("post"))):
        return
    above, parent = list[Mapping[str, Any]](), mapping(top.get("parent"))
    while parent and len(above) < MOST_POSTS:
        above.append(parent)
        parent = mapping(parent.get("parent"))
    waiting = [*reversed(objects(top.get("replies"))), *above, top]
    alone, seen = {id(node) for node in (*above, top)}, 0  # their other replies belong to other conversations
    while waiting and seen < MOST_POSTS:
        node = waiting.pop()
        seen += 1
        if _is_post(view := mapping(node.get("post"))):
            yield view
        if id(node) not in alone:
            waiting += reversed(objects(node.get("replies")))


def _post(view: Mapping[str, Any], resolver: Resolver) -> Post:
    """Read a post: its text with links, the card of a linked page, and a quoted post as a quotation."""
    record, embed = mapping(view.get("record")), mapping(view.get("embed"))
    quoted = _quoted(embed)
    own = _formatted(record) + _card(embed)
    inner = f"<blockquote>{_formatted(mapping(quoted.get('value')))}</blockquote>" if quoted else ""
    post = post_of(
        own + inner,
        resolver,
        id=text(view.get("uri")),
        author=_author(view),
        date=_written(view),
        score=count(view.get("likeCount")),
        url=_permalink(view),
        answers=text(mapping(mapping(record.get("reply")).get("parent")).get("uri")),
        attachments=tuple(_attachments(embed, resolver)),
    )
    if not quoted or not post.quotes:
        return post
    cited = replace(post.quotes[0], author=_author(quoted), post=text(quoted.get("uri")), url=_permalink(quoted))
    return replace(post, quotes=(cited, *post.quotes[1:]))


def _author(view: Mapping[str, Any]) -> str | None:
    author = mapping(view.get("author"))
    return text(author.get("handle")) or text(author.get("did"))


def _permalink(view: Mapping[str, Any]) -> str | None:
    """Return the address of a post for people."""
    key = (text(view.get("uri")) or "").rpartition("/")[2]
    author = text(mapping(view.get("author")).get("did")) or _author(view)
    return f"{_SITE}/profile/{author}/post/{key}" if key and author else None


def _formatted(record: Mapping[str, Any]) -> str:
    """Return the text of a post as HTML. Facets are ranges of its UTF-8 bytes that lead somewhere."""
    said = record.get("text")
    octets = said.encode("utf-8", "replace") if isinstance(said, str) else b""
    pieces, last = [], 0
    for start, end, target in sorted(_ranges(record)):
        if last <= start < end <= len(octets):
            shown = _shown(octets[start:end])
            pieces += [_shown(octets[last:start]), f'<a href="{escape(target)}">{shown}</a>']
            last = end
    return f"<p>{''.join([*pieces, _shown(octets[last:])])}</p>"


def _shown(octets: bytes) -> str:
    return escape(octets.decode("utf-8", "replace")).replace("\n", "<br>")


def _ranges(record: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    for facet in objects(record.get("facets")):
        index = mapping(facet.get("index"))
        start, end = count(index.get("byteStart")), count(index.get("byteEnd"))
        target = next(filter(None, map(_target, objects(facet.get("features")))), None)
        if start is not None and end is not None and target:
            yield start, end, target


def _target(feature: Mapping[str, Any]) -> str | None:
    if did := text(feature.get("did")):
        return f"{_SITE}/profile/{did}"
    if tag := text(feature.get("tag")):
        return f"{_SITE}/hashtag/{quote(tag)}"
    return text(feature.get("uri"))


def _media(embed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is embedded besides a quoted post."""
    return mapping(embed.get("media")) or embed


def _quoted(embed: Mapping[str, Any]) -> Mapping[str, Any]:
    record = mapping(embed.get("record"))
    record = mapping(record.get("record")) or record  # a quotation with pictures has it one level deeper
    return record if mapping(record.get("value")) else {}


def _card(embed: Mapping[str, Any]) -> str:
    external = mapping(_media(embed).get("external"))
    target, title = text(external.get("uri")), text(external.get("title"))
    named = f'<p><a href="{escape(target)}">{escape(title or target)}</a></p>' if target else ""
    return named + paragraph(text(external.get("description")))


def _attachments(embed: Mapping[str, Any], resolver: Resolver) -> Iterator[Attachment]:
    """Yield pictures in their full size, and the picture of a film, each with the description of its author."""
    media = _media(embed)
    shown: Sequence[Mapping[str, Any]] = [*objects(media.get("images")), media]
    for one in shown:
        if url := resolver(text(one.get("fullsize")) or text(one.get("thumbnail")) or ""):
            yield Attachment(url, text(one.get("alt")))


def _labels(view: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the warnings on a post."""
    return tuple(dict.fromkeys(said for label in objects(view.get("labels"))[:50] if (said := text(label.get("val")))))


BLUESKY = _Bluesky(
    name="bluesky",
    sign=".bluesky-interface",  # no element: the interface answers with JSON
    post="",
    body=(),
    author=(),
    time=(),
)
