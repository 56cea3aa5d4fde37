"""The feeds and sitemaps of a site: those that it names, or that are at the usual places."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from urllib.parse import urljoin, urlsplit

from crawler.policy.robots import Rules
from crawler.wire.guard import AddressForbidden
from extractor.html.page import Page
from extractor.links.feed import Feed, posts_of_wordpress, read_feed
from extractor.links.links import hrefs
from extractor.links.sitemap import Sitemap, read_sitemap
from extractor.values.urls import resolve
from pressmark.discover.visit import SiteUnreachable, VisitedPage, Visitor

_FEED_TYPES = frozenset(
    (
        *("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"),
        *("application/xml", "text/xml", "application/json"),
    )
)
"""The last three are general: what is behind them is read before it counts."""
_USUAL_FEEDS = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json", "index.rdf")
_CALLED_FEED = re.compile(r"/(?:rss|atom|feeds?)(?:[._-](?:rss|atom|xml|json|feed))*/?(?:$|\?)", re.IGNORECASE)
"""The endings of feed addresses that a page links to like any other page."""
_USUAL_SITEMAP = "/sitemap.xml"
_MOST_FEEDS = 4
_MOST_SITEMAPS = 3


@dataclass(frozen=True, slots=True)
class FoundFeed:
    url: str
    title: str | None
    pages: tuple[str, ...]
    dates: tuple[datetime, ...]
    """When its items were published, as far as it says."""
    of_wordpress: bool = False
    """Whether it is WordPress's list of posts over REST."""


@dataclass(frozen=True, slots=True)
class FoundSitemap:
    url: str
    pages: tuple[str, ...]
    news: int = 0
    """Entries that a news sitemap describes with title, language and time of publication."""
    languages: tuple[str, ...] = ()
    """The languages of these entries, the most frequent first."""
    dates: tuple[datetime, ...] = ()
    """When these were published, newest first."""
    newest: str | None = None
    """The title of the last published one."""
    is_index: bool = False
    """Whether its entries are sitemaps, not pages."""


async def find_feeds(visited: VisitedPage, visitor: Visitor) -> AsyncIterator[FoundFeed]:
    """Return the feeds that the page names.

    Otherwise one that it links to, or at the usual places; then WordPress's posts.
    """
    linked = list(dict.fromkeys(_linked_feeds(visited.page)))[:_MOST_FEEDS]
    named = [feed for url in linked if (feed := await _feed_at(url, visitor))]
    for feed in named:
        yield feed
    for url in () if named else _guessed_feeds(visited.page):
        if feed := await _feed_at(url, visitor):
            yield feed
            break
    root = rest_of_wordpress(visited.page)
    if root and (posts := await _feed_at(posts_of_wordpress(root), visitor)):
        yield replace(posts, of_wordpress=True)


def rest_of_wordpress(page: Page) -> str | None:
    """Return the root of the REST interface of the WordPress that made a page."""
    node = page.tree.css_first('link[rel="https://api.w.org/"][href]')
    return resolve(node.attrs.get("href") or "", page.url) if node is not None else None


async def _feed_at(url: str, visitor: Visitor) -> FoundFeed | None:
    visited = await _visited(url, visitor)
    return as_feed(visited) if visited is not None else None


def _linked_feeds(page: Page) -> Iterator[str]:
    for node in page.tree.css("link[rel~=alternate i][href],link[rel~=feed i][href]"):
        kind = (node.attrs.get("type") or "").partition(";")[0].strip().lower()
        if kind in _FEED_TYPES or (not kind and "feed" in (node.attrs.get("rel") or "").lower()):
            url = resolve(node.attrs.get("href") or "", page.url)
            if url:
                yield url


def _guessed_feeds(page: Page) -> list[str]:
    """Yield addresses that may be feeds, the likeliest first."""
    called = [url for url in hrefs(page.body, page.url) if _CALLED_FEED.search(url) and _is_near(url, page.url)]
    usual = [urljoin(base, place) for base in (page.url, urljoin(page.url, "/")) for place in _USUAL_FEEDS]
    return list(dict.fromkeys([*called[:_MOST_FEEDS], *usual]))


def _is_near(url: str, other: str) -> bool:
    """Return whether two addresses are of one site: their hosts are the same except for the first label."""
    hosts = [(urlsplit(one).hostname or "") for one in (url, other)]
    return hosts[0] == hosts[1] or hosts[0].endswith(f".{hosts[1].removeprefix('www.')}")


async def find_sitemaps(url: str, robots: Rules, visitor: Visitor) -> tuple[tuple[str, ...], tuple[FoundSitemap, ...]]:
    """Return the roots, and the first few sitemaps of pages below them, news first.

    The roots are those that robots.txt names, otherwise the usual one. A site may name hundreds.
    """
    named = [site for name in robots.sitemaps if (site := resolve(name, url))]
    for roots in (named, [urljoin(url, _USUAL_SITEMAP)]):
        if found := await _behind(roots, visitor):
            return tuple(dict.fromkeys(roots)), tuple(found)
    return (), ()


async def _behind(roots: Sequence[str], visitor: Visitor) -> list[FoundSitemap]:
    ahead, looked = list(roots), 0
    found: list[FoundSitemap] = []
    while ahead and looked < _MOST_SITEMAPS:
        ahead.sort(key=lambda site: "news" not in urlsplit(site).path.lower())
        looked += 1
        visited = await _visited(ahead.pop(0), visitor)
        if visited is None:
            continue
        sitemap = read_sitemap(visited.body, visited.url)
        ahead += [entry.url for entry in sitemap.sitemaps]
        if sitemap.pages:
            found.append(_found_sitemap(visited.url, sitemap))
    return found


async def _visited(url: str, visitor: Visitor) -> VisitedPage | None:
    """Return the answer, or None if there is none: what is only tried may be missing."""
    try:
        visited = await visitor.visit(url)
    except (SiteUnreachable, AddressForbidden):
        return None
    return visited if visited.found else None


def as_feed(visited: VisitedPage) -> FoundFeed | None:
    if visited.is_html:
        return None
    feed: Feed = read_feed(visited.body, visited.url)
    dates = _dates(item.published or item.updated for item in feed.items)
    return FoundFeed(visited.url, feed.title, tuple(item.url for item in feed.items), dates) if feed.items else None


def as_sitemap(visited: VisitedPage) -> FoundSitemap | None:
    if visited.is_html:
        return None
    sitemap: Sitemap = read_sitemap(visited.body, visited.url)
    return _found_sitemap(visited.url, sitemap) if sitemap.pages or sitemap.sitemaps else None


def _found_sitemap(url: str, sitemap: Sitemap) -> FoundSitemap:
    entries = sitemap.pages or sitemap.sitemaps
    news = [entry.news for entry in entries if entry.news]
    languages = Counter(each.language for each in news if each.language)
    newest = max((each for each in news if each.published), key=attrgetter("published"), default=None)
    return FoundSitemap(
        url,
        tuple(entry.url for entry in entries),
        len(news),
        tuple(language for language, _ in languages.most_common()),
        _dates(each.published for each in news),
        newest.title if newest else None,
        is_index=not sitemap.pages,
    )


def _dates(moments: Iterable[datetime | None]) -> tuple[datetime, ...]:
    return tuple(sorted((moment for moment in moments if moment), reverse=True))
