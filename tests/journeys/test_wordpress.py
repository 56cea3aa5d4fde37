"""A real WordPress: its comments are read from its pages, and each walk finds all of its articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import LONG
from journeys.household import QUICK, Household
from oracles.environment import NotInstalled
from programs.changes import get
from programs.running import WORDPRESS, Running, running

from extractor.forums.registry import Thread, read_comments
from extractor.links.feed import posts_of_wordpress
from extractor.reading import extract

ARTICLES, LONGEST = (200, 300) if LONG else (12, 120)
pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(7200 if LONG else 900)]


@pytest.fixture(scope="module")
def site(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    try:
        shared = pytestconfig.cache.mkdir("forums")
        with running(WORDPRESS, shared, tmp_path_factory.mktemp("wordpress"), ARTICLES, LONGEST) as program:
            yield program
    except NotInstalled as reason:
        pytest.skip(str(reason))


def comments_of(url: str) -> Iterator[Thread]:
    following: str | None = url
    while following is not None:
        comments = read_comments(get(following))
        assert comments is not None, following
        yield comments
        following = comments.next


def test_every_comment_is_read_as_written_and_none_is_taken_for_the_article(site: Running) -> None:
    compared = dated = 0
    for written in site.threads:
        url = site.origin + written["url"]
        article, said = written["posts"][0], written["posts"][1:]
        text = extract(get(url))

        assert text is not None
        assert unmarked(text.text) == article["lines"]
        assert (text.title, text.authors) == (written["title"], (article["author"],))
        # the theme shows the date of an article only in a list of the newest ones
        assert text.date is None or datetime.fromisoformat(text.date) == datetime.fromisoformat(article["at"])
        dated += text.date is not None
        if not said:
            assert read_comments(get(url)) is None
            continue
        pages = list(comments_of(url))
        posts = [post for page in pages for post in page.posts]
        assert [(page.home, page.title, page.page) for page in pages] == [
            (url, written["title"], number) for number in range(1, len(pages) + 1)
        ]
        assert [(post.id, post.author, post.text) for post in posts] == [
            (comment["id"], comment["author"], "\n".join(comment["lines"])) for comment in said
        ]
        assert [datetime.fromisoformat(post.date or "") for post in posts] == [
            datetime.fromisoformat(comment["at"]) for comment in said
        ]
        compared += len(posts)
    assert compared > LONGEST
    assert dated == 4


def unmarked(text: str) -> list[str]:
    """Return its lines, with items of lists without their bullets."""
    return [line.removeprefix("- ") for line in text.split("\n")]


def source(walk: str, site: Running, seed: str) -> str:
    timetable = "timetable: {adaptive: {min: 6h}}\n" if walk == "site" else ""
    return timetable + (
        f"source: {walk}\nseeds: ['{site.origin}{seed}']\nwalk: {walk}\npoliteness: {{delay: 0s, concurrency: 4}}\n"
        f"addresses: [127.0.0.0/8]\nkeep: {{collection: by-{walk}}}\n"
    )


@pytest.mark.parametrize(
    ("walk", "seed"),
    [
        ("feed", "/feed/"),
        pytest.param("sitemap", "/", marks=pytest.mark.costly),
        pytest.param("listing", "/", marks=pytest.mark.costly),
        pytest.param("site", "/", marks=pytest.mark.costly),
        pytest.param("feed", "", marks=pytest.mark.costly),
    ],
)
def test_each_walk_finds_all_articles_and_requests_none_again(
    site: Running, walk: str, seed: str, tmp_path: Path, database_of_household: dict[str, str]
) -> None:
    household = Household(tmp_path / "home", QUICK | database_of_household)
    listed = posts_of_wordpress("/wp-json/").replace("per_page=100", f"per_page={ARTICLES // 2}")
    household.source(walk, source(walk, site, seed or listed))
    articles = {written["url"].lower() for written in site.threads}
    site.asked()

    household.run("run", walk)
    first = [path.lower() for path in site.asked()]
    again = household.run("run", walk, "--json").json["items"][0]
    second = [path.lower() for path in site.asked()]

    print(f"{walk}: {len(articles & set(first))} articles with {len(first)} requests, then {len(second)}: {second}")
    assert articles <= set(first)
    assert len(first) == len(set(first))
    assert len(second) == len(set(second))
    assert articles.isdisjoint(second)
    assert again["outcome"] == "unchanged"
    written: dict[str, Any]
    for written in site.threads[:: 1 if LONG or seed == "/feed/" else 7]:
        kept = household.look("snapshot", "get", site.origin + written["url"], "--json").json
        assert unmarked(kept["text"]["text"]) == written["posts"][0]["lines"]
    if not seed:
        site.change("edit", thread=site.threads[0]["url"], source="This was wrong.")
        household.run("run", walk)
        third = [path.lower() for path in site.asked()]
        print(f"after an edit {len(third)}: {third}")
        assert articles & set(third) == {site.threads[0]["url"].lower()}
