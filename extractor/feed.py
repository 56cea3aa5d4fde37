"""Feeds: RSS, Atom and JSON Feed, as lists of what was published."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from extractor.moments import parse_moment
from extractor.urls import resolve

_PAGED = re.compile(r"[?&]paged=(\d{1,6})\b")
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
    """A feed; `items` is empty when there are none, or when the body is no feed."""

    title: str | None
    items: tuple[Item, ...]
    next: str | None = None
    """The page of older items (RFC 5005, or `next_url` of JSON Feed)."""


def read_feed(body: bytes, url: str) -> Feed:
    """Read a feed of any of the three formats. Damaged feeds give what can be read. Never raises."""
    body = body[:LIMIT]
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url)
    return _xml_feed(body, url)


def _xml_feed(body: bytes, url: str) -> Feed:
    import feedparser

    # A stream, not bytes: feedparser would look for a file of that name first.
    try:
        parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except MemoryError:
        raise
    except Exception:  # whatever a hostile feed makes the library raise
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
    """feedparser's own parse, in UTC: it knows more spellings than we do."""
    parsed = (
        entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
    )  # `get` alone would guess from the other
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
    """WordPress has all posts in its feeds, ten a page, and does not say so."""
    if not there or "wordpress.org" not in str(head.get("generator") or ""):
        return None
    paged = _PAGED.search(url)
    if paged:
        return f"{url[: paged.start(1)]}{int(paged[1]) + 1}{url[paged.end(1) :]}"
    return f"{url}{'&' if '?' in url else '?'}paged=2"


def _json_feed(body: bytes, url: str) -> Feed:
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Feed(None, ())
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


def _unique(items: Iterable[Item | None]) -> tuple[Item, ...]:
    return tuple(_first_of_each(item for item in items if item is not None))


def _first_of_each(items: Iterable[Item]) -> Iterator[Item]:
    seen: set[str] = set()
    for item in items:
        if item.url not in seen:
            seen.add(item.url)
            yield item


def _text(value: object) -> str | None:
    """A title in one line."""
    return (" ".join(value.split()) or None) if isinstance(value, str) else None
