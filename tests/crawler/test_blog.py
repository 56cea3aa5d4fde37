"""A blog of 200 posts: every walk finds all of them, and requests none twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crawling.blog import Blog
from crawling.crawls import Run, archiving, source
from crawling.site import Site, serving

from archive.database.engine import open_database
from archive.index.aliases import Aliases
from archive.index.pages import Pages
from config.source import Source

POSTS = 200
WALKS = {
    "feed": ("/feed/", ["/feed/"]),
    "sitemap": ("/wp-sitemap.xml", ["/wp-sitemap.xml", "/wp-sitemap-posts-1.xml", "/wp-sitemap-posts-2.xml"]),
    "listing": ("/", ["/"]),
    "site": ("/", ["/"]),
}
"""Where each walk begins, and all that it requests when nothing is new."""


@pytest.fixture
def blog() -> Iterator[Blog]:
    with serving(host="127.0.0.2") as site:
        yield Blog(site, POSTS)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    with archiving(wait=0.0) as archive:
        yield Run(tmp_path, archive, memory=Pages(database), addresses=Aliases(database))
    database.close()


def kept(blog: Blog, walk: str) -> Source:
    start, _ = WALKS[walk]
    facts: dict[str, Any] = {"timetable": {"adaptive": {"min": "6h"}}} if walk == "site" else {}
    return source(blog.site.url + start, walk=walk, politeness={"robots": "obey", "concurrency": 8}, **facts)


def posts(site: Site) -> list[str]:
    return [path for path in site.paths if "the-long-story" in path]


@pytest.mark.parametrize("walk", WALKS)
def test_all_posts_are_fetched_once_and_unchanged_ones_are_not_requested_again(blog: Blog, run: Run, walk: str) -> None:
    first = run(kept(blog, walk))
    assert sorted(posts(blog.site)) == sorted(map(blog.path, range(POSTS)))
    assert (first.outcome, first.failures) == ("done", 0)

    blog.site.asked.clear()
    second = run(kept(blog, walk))
    assert blog.site.paths == WALKS[walk][1]
    assert all("if-none-match" in asked.headers for asked in blog.site.asked if asked.path != "/robots.txt")
    assert second.outcome == "unchanged"

    blog.posts += 1
    blog.site.asked.clear()
    run(kept(blog, walk))
    assert posts(blog.site) == [blog.path(POSTS)]
