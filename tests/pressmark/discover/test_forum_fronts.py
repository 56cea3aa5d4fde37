"""`add` proposes to walk the boards of a forum, for each engine in each configuration, though the site has a feed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crawling.site import Reply, Site, serving
from services.inspecting import RSS, look_at, proposed
from specimens.forum_configurations import (
    HOST,
    REWRITTEN,
    ForumPage,
    forum_pages,
    in_folder,
    in_language,
    in_theme,
    rewritten,
)

LISTS = [page for page in forum_pages() if page.kind != "thread"]
CONFIGURATIONS = {
    "plain": (),
    "rewritten": ("rewritten",),
    "folder": ("folder",),
    "language": ("language",),
    "theme": ("theme",),
    "all": ("rewritten", "language", "theme", "folder"),
}
SAMPLE = ("plain", "all")
FEED = '<link rel=alternate type=application/rss+xml href="/news.xml">'
SITEMAP = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{}/about</loc></url></urlset>"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SAMPLE else pytest.mark.costly) for name in CONFIGURATIONS]
)
@pytest.mark.parametrize("page", LISTS, ids=str)
def test_the_boards_of_a_forum_are_walked_in_every_configuration(site: Site, page: ForumPage, name: str) -> None:
    url, html = changed(page, CONFIGURATIONS[name])
    html = html.replace("</head>", f"{FEED}</head>") if "</head>" in html else FEED + html
    site.routes.clear()
    site.routes |= {
        url.replace("&amp;", "&").removeprefix(HOST): Reply(body=html.replace(HOST, site.url)),
        "/news.xml": Reply(body=RSS, type="application/rss+xml"),
        "/sitemap.xml": Reply(body=SITEMAP.format(site.url), type="application/xml"),
    }

    seen = look_at(url.replace("&amp;", "&").replace(HOST, site.url))

    assert seen.forum is not None
    assert seen.feeds  # it was a choice
    found = proposed(seen)
    assert (found.source.walk, found.source.seeds) == ("forum", (seen.url,))
    assert all(address.startswith(site.url) for address in (*seen.forum.boards, *seen.forum.threads))


def changed(page: ForumPage, how: tuple[str, ...]) -> tuple[str, str]:
    """Return the address and the markup of a page in another configuration."""
    url, html = page.url, page.html
    for name in how:
        rules = rewritten(REWRITTEN.get(page.engine, ()))
        change = {"rewritten": rules, "language": in_language, "theme": in_theme, "folder": in_folder}[name]
        html = change(html)
        url = change(url) if name in ("rewritten", "folder") else url
    return url, html


def test_a_page_with_a_feed_and_without_a_forum_is_archived_by_its_feed(site: Site) -> None:
    site.routes |= {"/": Reply(body=f"<head>{FEED}</head><p>News"), "/news.xml": Reply(body=RSS, type="text/xml")}

    assert proposed(look_at(f"{site.url}/")).source.walk == "feed"
