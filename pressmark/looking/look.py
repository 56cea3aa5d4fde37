"""What a site offers: its robots.txt, feeds and sitemaps, and what stands on the page that was given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from crawler.guard import AddressForbidden
from crawler.robots import Rules, origin_of, robots_url, rules_of, unreachable
from extractor.feed import Feed, read_feed
from extractor.forum import forum_of
from extractor.lines import in_one_line
from extractor.links import hrefs
from extractor.listing import Listing, read_listing
from extractor.page import Page
from extractor.sitemap import Entry, Sitemap, read_sitemap
from extractor.urls import normalise, resolve
from pressmark.looking.visit import SiteUnreachable, Visited, Visitor

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_USUAL_FEEDS = ("feed", "rss.xml", "atom.xml", "feed.xml", "index.xml", "rss", "feed.json")
_CALLED_FEED = re.compile(r"/(?:rss|atom|feeds?)(?:[._-](?:rss|atom|xml|json|feed))*/?(?:$|\?)", re.IGNORECASE)
"""How the address of a feed ends that a page links to as to any other page."""
_USUAL_SITEMAP = "/sitemap.xml"
_MOST_FEEDS = 4
_MOST_SITEMAPS = 3


class UnfitUrl(Exception):
    """A URL that no source can begin from."""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    url: str
    title: str | None
    pages: tuple[str, ...]
    dates: tuple[datetime, ...]
    """When its items were published, as far as it says."""


@dataclass(frozen=True, slots=True)
class FoundSitemap:
    url: str
    pages: tuple[str, ...]
    news: int = 0
    """Entries that a news sitemap describes: with title, language and time of publication."""
    languages: tuple[str, ...] = ()
    """That these say, the most frequent first."""


@dataclass(frozen=True, slots=True)
class FoundForum:
    """A page of a forum."""

    engine: str
    boards: tuple[str, ...]
    threads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen from one URL."""

    url: str
    """Redirects followed."""
    title: str | None
    language: str | None
    robots: Rules
    feeds: tuple[FoundFeed, ...]
    sitemaps: tuple[FoundSitemap, ...]
    articles: tuple[str, ...]
    """Links of the page that lead to articles."""
    next: str | None
    """The page that goes on after it."""
    links: tuple[str, ...]
    """All links of the page."""
    itself: str
    """What the URL is: page, feed or sitemap."""
    encoding: str | None = None
    """That the page was read in."""
    forum: FoundForum | None = None
    wordpress: str | None = None
    """The root of its REST interface."""


def start_of(url: str) -> str:
    """A URL as it is asked for; https is left out by many. Raises UnfitUrl."""
    start = normalise(url if "://" in url else f"https://{url}")
    if start is None:
        raise UnfitUrl(f"{url!r} is no http or https URL")
    return start


async def look(url: str, visitor: Visitor) -> Look:
    """Look at a site from one of its URLs. Raises UnfitUrl, SiteUnreachable, AddressForbidden."""
    start = start_of(url)
    visited = await visitor.visit(start)
    if not visited.found:
        raise SiteUnreachable(start, f"it answers {visited.status}")
    robots = await _robots(visited.url, visitor)
    if feed := _as_feed(visited):
        return _seen(visited, robots, "feed", feeds=(feed,))
    if sitemap := _as_sitemap(visited):
        return _seen(visited, robots, "sitemap", sitemaps=(sitemap,))
    feeds = tuple([feed async for feed in _feeds(visited, visitor)]) if visited.is_html else ()
    sitemaps = tuple([sitemap async for sitemap in _sitemaps(visited.url, robots, visitor)])
    return _seen(visited, robots, "page", feeds=feeds, sitemaps=sitemaps)


def _seen(
    visited: Visited,
    robots: Rules,
    itself: str,
    *,
    feeds: tuple[FoundFeed, ...] = (),
    sitemaps: tuple[FoundSitemap, ...] = (),
) -> Look:
    html = visited.page if visited.is_html else Page(visited.url, b"<html></html>", "text/html")
    listing = read_listing(html) if visited.is_html else Listing(())
    titles = [title for title in (_title(html), *(feed.title for feed in feeds)) if title]
    return Look(
        url=visited.url,
        title=titles[0] if titles else None,
        language=_language(html) or next((language for each in sitemaps for language in each.languages), None),
        robots=robots,
        feeds=feeds,
        sitemaps=sitemaps,
        articles=tuple(article.url for article in listing.articles),
        next=listing.next,
        links=tuple(hrefs(html.body, html.url)),
        itself=itself,
        encoding=html.encoding if visited.is_html else None,
        forum=_forum(html) if visited.is_html else None,
        wordpress=_wordpress(html) if visited.is_html else None,
    )


def _forum(page: Page) -> FoundForum | None:
    """The engine of a page that lists boards or threads."""
    engine = forum_of(page)
    links = engine.links(page) if engine is not None else None
    if engine is None or links is None or not (links.boards or links.threads):
        return None
    return FoundForum(engine.name, links.boards, tuple(thread.url for thread in links.threads))


def _wordpress(page: Page) -> str | None:
    node = page.tree.css_first('link[rel="https://api.w.org/"][href]')
    return resolve(node.attrs.get("href") or "", page.url) if node is not None else None


async def _robots(url: str, visitor: Visitor) -> Rules:
    origin = origin_of(url)
    try:
        visited = await visitor.visit(robots_url(origin))
    except (SiteUnreachable, AddressForbidden) as error:
        return unreachable(origin, str(error))
    return rules_of(origin, visited.status, visited.body)


async def _feeds(visited: Visited, visitor: Visitor) -> AsyncIterator[FoundFeed]:
    """Those that the page says it has; or else one that it links to, or that is where feeds usually are."""
    linked = list(_linked_feeds(visited.page))[:_MOST_FEEDS]
    for url in linked or _guessed_feeds(visited.page):
        if (found := await _visited(url, visitor)) and (feed := _as_feed(found)):
            yield feed
            if not linked:
                return


def _linked_feeds(page: Page) -> Iterator[str]:
    for node in page.tree.css("link[rel~=alternate][href]"):
        if (node.attrs.get("type") or "").lower() in _FEED_TYPES:
            url = resolve(node.attrs.get("href") or "", page.url)
            if url:
                yield url


def _guessed_feeds(page: Page) -> list[str]:
    """Addresses that may be of a feed, the likeliest first."""
    called = [url for url in hrefs(page.body, page.url) if _CALLED_FEED.search(url) and _is_near(url, page.url)]
    usual = [urljoin(page.url, place) for place in _USUAL_FEEDS]
    return list(dict.fromkeys([*called[:_MOST_FEEDS], *usual]))


def _is_near(url: str, other: str) -> bool:
    """Whether two addresses are of one site: their hosts are the same but for the first label."""
    hosts = [(urlsplit(one).hostname or "") for one in (url, other)]
    return hosts[0] == hosts[1] or hosts[0].endswith(f".{hosts[1].removeprefix('www.')}")


async def _sitemaps(url: str, robots: Rules, visitor: Visitor) -> AsyncIterator[FoundSitemap]:
    """Those that robots.txt names, or else the usual one; of an index, the first few of its sitemaps. News come first:
    a site may name hundreds.
    """
    named = [site for name in robots.sitemaps if (site := resolve(name, url))]
    for ahead in (named, [urljoin(url, _USUAL_SITEMAP)]):
        looked, seen = 0, 0
        while ahead and looked < _MOST_SITEMAPS:
            ahead.sort(key=lambda site: "news" not in urlsplit(site).path.lower())
            looked += 1
            found = await _visited(ahead.pop(0), visitor)
            if found is None:
                continue
            sitemap = read_sitemap(found.body, found.url)
            ahead += [entry.url for entry in sitemap.sitemaps]
            if sitemap.pages:
                seen += 1
                yield _found_sitemap(found.url, sitemap.pages)
        if seen:
            return


async def _visited(url: str, visitor: Visitor) -> Visited | None:
    """None for what isn't there: what is only looked for may be missing."""
    try:
        visited = await visitor.visit(url)
    except (SiteUnreachable, AddressForbidden):
        return None
    return visited if visited.found else None


def _as_feed(visited: Visited) -> FoundFeed | None:
    if visited.is_html:
        return None
    feed: Feed = read_feed(visited.body, visited.url)
    dates = _dates(item.published or item.updated for item in feed.items)
    return FoundFeed(visited.url, feed.title, tuple(item.url for item in feed.items), dates) if feed.items else None


def _as_sitemap(visited: Visited) -> FoundSitemap | None:
    if visited.is_html:
        return None
    sitemap: Sitemap = read_sitemap(visited.body, visited.url)
    entries = sitemap.pages or sitemap.sitemaps
    return _found_sitemap(visited.url, entries) if entries else None


def _found_sitemap(url: str, entries: Sequence[Entry]) -> FoundSitemap:
    news = [entry.news for entry in entries if entry.news]
    languages = Counter(each.language for each in news if each.language)
    return FoundSitemap(url, tuple(entry.url for entry in entries), len(news), tuple(languages))


def _dates(moments: Iterable[datetime | None]) -> tuple[datetime, ...]:
    return tuple(sorted((moment for moment in moments if moment), reverse=True))


def _language(page: Page) -> str | None:
    node = page.tree.css_first("html[lang]")
    return node.attrs.get("lang") if node else None


def _title(page: Page) -> str | None:
    node = page.tree.css_first("title")
    return (in_one_line(node) or None) if node else None
