"""What a site offers: its robots.txt, feeds and sitemaps, and the content of the given page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.policy.robots import Rules, origin_of, robots_url, rules_of, unreachable
from crawler.wire.guard import AddressForbidden
from extractor.forums.registry import answers_with_posts, forum_of
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.links.links import hrefs
from extractor.links.listing import Listing, read_listing
from extractor.links.script_shell import is_shell
from extractor.values.language import language_of
from extractor.values.urls import normalise
from pressmark.discover.lists import (
    FoundFeed,
    FoundSitemap,
    as_feed,
    as_sitemap,
    find_feeds,
    find_sitemaps,
    rest_of_wordpress,
)
from pressmark.discover.social_feeds import is_social, label_of, mastodon_list
from pressmark.discover.visit import SiteUnreachable, VisitedPage, Visitor


class UnfitUrl(Exception):
    """A URL that can't be a seed."""


@dataclass(frozen=True, slots=True)
class FoundForum:
    """A page of a forum."""

    engine: str
    boards: tuple[str, ...]
    threads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundThread:
    """A page of a thread in a forum."""

    engine: str
    first: str | None
    """The URL of the first page of the thread; None if a later page does not tell it."""


@dataclass(frozen=True, slots=True)
class SiteInspection:
    """What was found from one URL."""

    url: str
    """Redirects followed."""
    title: str | None
    language: str | None
    robots: Rules
    feeds: tuple[FoundFeed, ...]
    sitemaps: tuple[FoundSitemap, ...]
    """The inspected ones: the first few."""
    articles: tuple[str, ...]
    """Links of the page that lead to articles."""
    next: str | None
    """The next page of a list."""
    links: tuple[str, ...]
    """All links of the page."""
    itself: str
    """What the URL is: page, feed or sitemap."""
    encoding: str | None = None
    """The encoding that the page was read in."""
    forum: FoundForum | None = None
    thread: FoundThread | None = None
    wordpress: str | None = None
    """The root of its REST interface."""
    drawn: bool = False
    """Whether scripts draw the page: only a browser shows its text."""
    drawn_because: str | None = None
    """The sign of it."""
    sitemap_roots: tuple[str, ...] = ()
    """The root sitemaps and indexes: as robots.txt names them, otherwise the usual one."""
    label: str | None = None
    """The account, channel or hashtag of a social network."""

    @property
    def social(self) -> str | None:
        """The social network whose posts the URL lists."""
        return self.forum.engine if self.forum is not None and is_social(self.forum.engine) else None


def start_of(url: str) -> str:
    """Return a URL as it is requested; many people leave out https. Raises UnfitUrl."""
    if url.lower().startswith("rsshub:"):  # with a route, it has become the address of a feed
        raise UnfitUrl(f"{url!r} has no route; write one, such as rsshub://bilibili/user/video/2267573")
    start = normalise(url if "://" in url else f"https://{url}")
    if start is None:
        raise UnfitUrl(f"{url!r} is not an http or https URL")
    return start


async def inspect_site(url: str, visitor: Visitor) -> SiteInspection:
    """Inspect a site from one of its URLs. Raises UnfitUrl, SiteUnreachable, AddressForbidden."""
    start = start_of(url)
    visited = await visitor.visit(await mastodon_list(start, visitor) or start)
    if not visited.found:
        raise SiteUnreachable(start, f"it returned status {visited.status}")
    robots = await _robots(visited.url, visitor)
    if answers_with_posts(visited.page):
        return _named(_seen(visited, robots, "page"), label_of(start) or label_of(visited.url))
    if feed := as_feed(visited):
        return _seen(visited, robots, "feed", feeds=(feed,))
    if sitemap := as_sitemap(visited):
        return _seen(visited, robots, "sitemap", sitemaps=(sitemap,))
    feeds = tuple([feed async for feed in find_feeds(visited, visitor)]) if visited.is_html else ()
    roots, sitemaps = await find_sitemaps(visited.url, robots, visitor)
    seen = _seen(visited, robots, "page", feeds=feeds, sitemaps=sitemaps, roots=roots)
    return _named(seen, label_of(visited.url)) if seen.social else seen


async def inspect_series(pattern: str, due: Sequence[str], visitor: Visitor) -> SiteInspection:
    """Inspect the site of a series of documents: its robots.txt alone. `due` are their URLs."""
    return SiteInspection(
        url=pattern,
        title=None,
        language=None,
        robots=await _robots(pattern, visitor),
        feeds=(),
        sitemaps=(),
        articles=(),
        next=None,
        links=tuple(due),
        itself="page",
    )


def _named(seen: SiteInspection, label: str | None) -> SiteInspection:
    """Return the findings about a social network with the name of the account, channel or hashtag."""
    return replace(seen, label=label, title=seen.title or label)


def _seen(
    visited: VisitedPage,
    robots: Rules,
    itself: str,
    *,
    feeds: tuple[FoundFeed, ...] = (),
    sitemaps: tuple[FoundSitemap, ...] = (),
    roots: tuple[str, ...] = (),
) -> SiteInspection:
    html = visited.page if visited.is_html else Page(visited.url, b"<html></html>", "text/html")
    listing = read_listing(html) if visited.is_html else Listing(())
    drawn_because = is_shell(html) if visited.is_html else None
    titles = [title for title in (_title(html), *(feed.title for feed in feeds)) if title]
    return SiteInspection(
        url=visited.url,
        title=titles[0] if titles else None,
        language=_declared_language(html)
        or next((language for each in sitemaps for language in each.languages), None)
        or _language_of_text(html),
        robots=robots,
        feeds=feeds,
        sitemaps=sitemaps,
        articles=tuple(article.url for article in listing.articles),
        next=listing.next,
        links=tuple(hrefs(html.body, html.url)),
        itself=itself,
        encoding=html.encoding if visited.is_html else None,
        forum=_forum(visited.page) if visited.is_html or answers_with_posts(visited.page) else None,
        thread=_thread(visited.page) if visited.is_html else None,
        wordpress=rest_of_wordpress(html) if visited.is_html else None,
        drawn=drawn_because is not None,
        drawn_because=drawn_because,
        sitemap_roots=roots,
    )


def _forum(page: Page) -> FoundForum | None:
    """Return the engine of a page that lists boards or threads. A list of posts in JSON may be empty."""
    engine = forum_of(page)
    links = engine.links(page) if engine is not None else None
    listed = links is not None and (links.boards or links.threads or answers_with_posts(page))
    if engine is None or links is None or not listed:
        return None
    return FoundForum(engine.name, links.boards, tuple(thread.url for thread in links.threads))


def _thread(page: Page) -> FoundThread | None:
    """Return the thread that a page belongs to, if it has replies or further pages; None for a list of threads."""
    engine = forum_of(page)
    thread = engine.thread(page) if engine is not None and not is_social(engine.name) else None
    if engine is None or thread is None or _forum(page) is not None:
        return None
    several = len(thread.posts) > 1 or thread.next is not None or (thread.pages or 1) > 1
    home = thread.home or page.url
    untold = (thread.page or 1) > 1 and home == page.url.partition("#")[0]
    return FoundThread(engine.name, None if untold else home) if several else None


async def _robots(url: str, visitor: Visitor) -> Rules:
    origin = origin_of(url)
    try:
        visited = await visitor.visit(robots_url(origin))
    except (SiteUnreachable, AddressForbidden) as error:
        return unreachable(origin, str(error))
    return rules_of(origin, visited.status, visited.body)


def _declared_language(page: Page) -> str | None:
    node = page.tree.css_first("html[lang]")
    return (node.attrs.get("lang") or None) if node else None


def _language_of_text(page: Page) -> str | None:
    """Detect the language from the page's text, if that is long enough."""
    tree = page.tree.clone()
    tree.strip_tags(["script", "style", "noscript", "template"])
    return language_of(in_one_line(tree.body) if tree.body is not None else "")[0]


def _title(page: Page) -> str | None:
    node = page.tree.css_first("title")
    return (in_one_line(node) or None) if node else None
