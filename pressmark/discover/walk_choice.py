"""Choose the walk that suits the findings, and say why. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from archive.values.plural import counted
from config.source import Walk
from pressmark.discover.inspect import SiteInspection

_FEW = 3


def choose_walk(seen: SiteInspection) -> tuple[Walk, str]:
    """Choose the walk that suits the findings, and say why."""
    top = urlsplit(seen.url).path in ("", "/")
    if certain := _by_itself(seen) or (_by_lists(seen) if top else None):
        return certain
    if len(seen.articles) >= _FEW:
        more = ", and older ones on further pages" if seen.next else ""
        return "listing", f"the page lists {counted(len(seen.articles), 'article')}{more}"
    if top and seen.sitemaps and len(seen.links) < _FEW:
        return "sitemap", "the page has few links, and the site publishes a sitemap"
    if top or (len(seen.links) >= _FEW and seen.url.endswith("/")):
        return "site", "it has links, but no list of articles"
    return "page", "it is a single page"


def _by_lists(seen: SiteInspection) -> tuple[Walk, str] | None:
    """Choose by the lists of new pages that the site publishes, for a front page."""
    if seen.feeds:
        feed = seen.feeds[0]
        what = "WordPress lists the posts of the site," if feed.of_wordpress else "the site publishes a feed,"
        return "feed", f"{what} {feed.url}, of {counted(len(feed.pages), 'item')}"
    news = next((sitemap for sitemap in seen.sitemaps if sitemap.news), None)
    return (
        ("sitemap", f"the site publishes a news sitemap, {news.url}, of {counted(news.news, 'article')}")
        if news
        else None
    )


def _by_itself(seen: SiteInspection) -> tuple[Walk, str] | None:
    """Choose by what the URL itself is, if that leaves no choice."""
    if seen.itself == "feed":
        return "feed", f"the URL is a feed of {counted(len(seen.feeds[0].pages), 'item')}"
    if seen.itself == "sitemap":
        return "sitemap", f"the URL is a sitemap of {counted(len(seen.sitemaps[0].pages), 'URL')}"
    if seen.social and seen.forum:
        network = seen.social.capitalize()
        posts = counted(len(seen.forum.threads), "post")
        return "forum", f"it is a list of posts on {network}, with {posts} on its first page"
    if seen.forum:
        boards, threads = counted(len(seen.forum.boards), "board"), counted(len(seen.forum.threads), "thread")
        return "forum", f"it is a {seen.forum.engine} forum with {boards} and {threads} on this page"
    if seen.thread:
        return "forum", f"it is a thread of a {seen.thread.engine} forum"
    return None
