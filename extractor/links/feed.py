"""Read feeds: RSS, Atom, JSON Feed, and the posts in WordPress's REST interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from typing import Any

from extractor.values.moments import parse_moment
from extractor.values.urls import resolve

_REST = "wp/v2/posts"
_REST_QUERY = "_envelope=1&_fields=link,title,date_gmt,modified_gmt&orderby=modified&per_page=100"
"""The newest changes first, a hundred a page, and how many pages there are."""
_REST_PER_PAGE = 10
"""Posts of a page where its address does not say."""
LIMIT = 10 << 20
"""Octets of a feed that are read; what lies past them is not."""
MOST_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed."""

    url: str
    title: str | None = None
    published: datetime | None = None
    """Aware, UTC."""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed; `items` is empty if there are none, or if the body is not a feed."""

    title: str | None
    items: tuple[Item, ...]
    next: str | None = None
    """The page of older items (RFC 5005, `next_url` of JSON Feed, or as WordPress numbers them)."""


def posts_of_wordpress(root: str) -> str:
    """Return the address of the list of all posts, from the root of a site's REST interface."""
    return f"{root}{_REST}{'&' if '?' in root else '?'}{_REST_QUERY}"


def read_feed(body: bytes, url: str) -> Feed:
    """Read a feed of any of the formats, as far as possible if it is damaged. Never raises."""
    body = body[:LIMIT]
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _json_feed(body, url)
    return _xml_feed(body, url)


def _xml_feed(body: bytes, url: str) -> Feed:
    import feedparser

    # A stream and not bytes, which feedparser would first try as a file name.
    try:
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise
    except Exception:  # a hostile feed may make the library raise anything
        return Feed(None, ())
    head: Mapping[str, Any] = parsed.get("feed") or {}
    items = (_xml_item(entry, url) for entry in (parsed.get("entries") or ())[:MOST_ITEMS])
    found = _unique(items)
    return Feed(_text(head.get("title")), found, _next_link(head, url) or _next_of_wordpress(head, url, bool(found)))


def _xml_item(entry: Mapping[str, Any], base: str) -> Item | None:
    reference = entry.get("link") or (entry.get("id") if str(entry.get("id") or "").startswith("http") else None)
    url = resolve(reference, base) if isinstance(reference, str) else None
    if url is None:
        return None
    return Item(url, _text(entry.get("title")), _moment(entry, "published"), _moment(entry, "updated"))


def _moment(entry: Mapping[str, Any], name: str) -> datetime | None:
    """Return the time as parsed by feedparser, in UTC: it knows more formats."""
    parsed = (
        entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
    )  # `get` alone would fall back to the other date
    try:
        return datetime(*parsed[:6]).replace(tzinfo=UTC) if parsed else None  # noqa: DTZ001
    except (ValueError, TypeError):
        return None


def _next_link(head: Mapping[str, Any], base: str) -> str | None:
    for link in head.get("links") or ():
        if link.get("rel") == "next" and isinstance(link.get("href"), str):
            return resolve(link["href"], base)
    return None


def _next_of_wordpress(head: Mapping[str, Any], url: str, there: bool) -> str | None:
    """Return the next page of a WordPress feed: it has all posts, ten per page, without links."""
    if not there or "wordpress.org" not in str(head.get("generator") or ""):
        return None
    return _numbered(url, "paged", (_number(url, "paged") or 1) + 1)


def _number(url: str, name: str) -> int | None:
    found = re.search(rf"[?&]{name}=(\d{{1,6}})\b", url)
    return int(found[1]) if found else None


def _numbered(url: str, name: str, number: int) -> str:
    """Return the address with another number in its query."""
    changed, count = re.subn(rf"([?&]{name}=)\d{{1,6}}\b", rf"\g<1>{number}", url, count=1)
    return changed if count else f"{url}{'&' if '?' in url else '?'}{name}={number}"


def _json_feed(body: bytes, url: str) -> Feed:
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Feed(None, ())
    posts = feed.get("body") if isinstance(feed, dict) else feed
    if isinstance(posts, list):
        return _posts_of_wordpress(posts, feed.get("headers") if isinstance(feed, dict) else None, url)
    if not isinstance(feed, dict):
        return Feed(None, ())
    entries = feed.get("items")
    listed = entries[:MOST_ITEMS] if isinstance(entries, list) else []
    items = (_json_item(entry, url) for entry in listed if isinstance(entry, dict))
    following = feed.get("next_url")
    return Feed(
        _text(feed.get("title")), _unique(items), resolve(following, url) if isinstance(following, str) else None
    )


def _json_item(entry: Mapping[str, Any], base: str) -> Item | None:
    reference = entry.get("url") or entry.get("external_url") or entry.get("id")
    url = resolve(reference, base) if isinstance(reference, str) else None
    if url is None:
        return None
    published, updated = (str(entry.get(name) or "") for name in ("date_published", "date_modified"))
    return Item(url, _text(entry.get("title")), parse_moment(published), parse_moment(updated))


def _posts_of_wordpress(posts: list[Any], headers: object, url: str) -> Feed:
    """Read a page of the list of posts.

    An envelope has the response headers with the number of pages; without one, a full page means that there may be
    more.
    """
    items = _unique(_post(post, url) for post in posts[:MOST_ITEMS] if isinstance(post, dict))
    page = _number(url, "page") or 1
    if isinstance(headers, dict):
        pages = str(headers.get("X-WP-TotalPages") or 0)
        more = pages.isdecimal() and page < int(pages[:6])
    else:
        more = len(posts) >= (_number(url, "per_page") or _REST_PER_PAGE)
    return Feed(None, items, _numbered(url, "page", page + 1) if items and more else None)


def _post(post: Mapping[str, Any], base: str) -> Item | None:
    link, title = post.get("link"), post.get("title")
    url = resolve(link, base) if isinstance(link, str) else None
    if url is None:
        return None
    rendered = title.get("rendered") if isinstance(title, dict) else None
    published, modified = (str(post.get(name) or "") for name in ("date_gmt", "modified_gmt"))
    named = _text(unescape(rendered)) if isinstance(rendered, str) else None
    return Item(url, named, parse_moment(published), parse_moment(modified))


def _unique(items: Iterable[Item | None]) -> tuple[Item, ...]:
    return tuple(_first_of_each(item for item in items if item is not None))


def _first_of_each(items: Iterable[Item]) -> Iterator[Item]:
    seen: set[str] = set()
    for item in items:
        if item.url not in seen:
            seen.add(item.url)
            yield item


def _text(value: object) -> str | None:
    """Return a title in one line."""
    return (" ".join(value.split()) or None) if isinstance(value, str) else None
