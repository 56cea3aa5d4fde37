"""What a run has of what the site itself lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crawling.board import Board
from crawling.crawls import Run, archiving, source
from crawling.site import Reply, Site, html, redirect

from archive.database.engine import open_database
from archive.pages import Pages
from crawler.order import Outcome


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    with archiving() as archive:
        yield Run(tmp_path, archive, memory=Pages(database))
    database.close()


def told(outcome: Outcome) -> dict[str, Any]:
    assert outcome.completeness is not None
    missing = {reason: each["count"] for reason, each in outcome.completeness["missing"].items()}
    return {**outcome.completeness, "missing": missing}


def listing(site: Site, *paths: str) -> Reply:
    urls = "".join(f"<url><loc>{path if '//' in path else site.url + path}</loc></url>" for path in paths)
    return Reply(body=f"<urlset>{urls}</urlset>", type="application/xml")


def test_every_item_is_had_known_or_missing_for_a_reason(site: Site, run: Run) -> None:
    site.routes |= {
        "/robots.txt": Reply(body="User-agent: *\nDisallow: /private", type="text/plain"),
        "/s.xml": listing(
            site,
            "/a",
            "/a/",
            "/b",
            "/gone",
            "/broken",
            "/private/x",
            "/moved",
            "/lost",
            "https://elsewhere.example/x",
            "/missing",
            "/closed",
        ),
        "/a": html(text="a"),
        "/b": html(text="b"),
        "/gone": Reply(404),
        "/broken": Reply(500),
        "/moved": redirect("/new"),
        "/new": html(text="new"),
        "/lost": redirect("/nowhere"),
        "/missing": Reply(body="<title>Page not found</title>"),
        "/closed": Reply(403),
    }
    kept = source(f"{site.url}/s.xml", walk="sitemap", politeness={"robots": "obey", "retries": 0})

    first = run(kept)
    again = run(kept)

    assert told(first) == {
        "listed": 10,
        "had": 3,
        "known": 0,
        "missing": {
            "403 Forbidden": 1,
            "404 Not Found": 1,
            "500 Internal Server Error": 1,
            "moved, then 404 Not Found": 1,
            "outside": 1,
            "robots": 1,
            'soft-404 (title "Page not found")': 1,
        },
    }
    assert first.completeness is not None
    assert first.completeness["missing"]["404 Not Found"]["example"] == f"{site.url}/gone"
    assert told(again) == {
        "listed": 10,
        "had": 0,
        "known": 3,  # what redirected is not asked where to
        "missing": {
            "gone": 3,
            "500 Internal Server Error": 1,
            "barred": 1,
            "outside": 1,
            "robots": 1,
        },
    }


def test_what_redirects_to_nothing_is_missing_however_many_lead_there_and_by_how_many_hops(
    site: Site, run: Run
) -> None:
    paths = ("/one", "/two", "/three", "/well", "/good")
    site.routes |= {"/s.xml": listing(site, *paths), "/good": html(text="good")}
    site.routes |= {path: redirect("/no-such-page") for path in paths[:2]}
    site.routes |= {"/three": redirect("/two"), "/well": redirect("/good")}
    kept = source(f"{site.url}/s.xml", walk="sitemap")

    first, again = run(kept), run(kept)

    assert site.paths.count("/no-such-page") == 1
    assert told(first) == {"listed": 5, "had": 2, "known": 0, "missing": {"moved, then 404 Not Found": 3}}
    assert told(again) == {"listed": 5, "had": 0, "known": 2, "missing": {"gone": 3}}


def test_a_limit_is_a_reason(site: Site, run: Run) -> None:
    site.routes["/s.xml"] = listing(site, *(f"/a{n}" for n in range(9)))
    site.otherwise = html(text="x")

    outcome = run(source(f"{site.url}/s.xml", walk="sitemap", limits={"pages": 4}, politeness={"concurrency": 1}))

    assert told(outcome) == {"listed": 9, "had": 3, "known": 0, "missing": {"not fetched when the run ended": 6}}


def test_what_is_kept_is_known_also_where_a_limit_ends_the_run_and_is_not_left_to_the_next(
    site: Site, run: Run
) -> None:
    paths = [f"/a{n}" for n in range(9)]
    site.routes["/s.xml"] = listing(site, *paths)
    site.otherwise = html(text="x")
    kept = source(f"{site.url}/s.xml", walk="sitemap", limits={"pages": 4}, politeness={"concurrency": 1})
    outcomes = [run(kept) for _ in range(4)]

    assert [(told(each)["had"], told(each)["known"]) for each in outcomes] == [(3, 0), (3, 3), (3, 6), (0, 9)]
    assert [told(each)["missing"] for each in outcomes[2:]] == [{}, {}]
    assert sorted(site.paths) == sorted(["/s.xml"] * 4 + paths)


def test_what_a_limit_left_is_judged_whatever_its_number(site: Site, run: Run) -> None:
    site.routes["/s.xml"] = listing(site, *(f"/a{n}" for n in range(230)))
    site.otherwise = html(text="x")
    run(source(f"{site.url}/s.xml", walk="sitemap"))
    site.routes["/s.xml"] = listing(site, "/new", *(f"/a{n}" for n in range(230)))

    outcome = run(source(f"{site.url}/s.xml", walk="sitemap", limits={"pages": 1}))

    assert told(outcome) == {"listed": 231, "had": 0, "known": 230, "missing": {"not fetched when the run ended": 1}}


def test_of_a_forum_its_threads_are_counted_and_not_their_pages(site: Site, run: Run) -> None:
    board = Board()
    for thread in range(1, 13):
        for post in range(12):
            board.write(thread, f"post {post}")
    board.serve(site)
    kept = source(f"{site.url}/", walk="forum")

    assert told(run(kept)) == {"listed": 12, "had": 12, "known": 0, "missing": {}}
    board.write(3, "more")
    assert told(run(kept)) == {"listed": 12, "had": 1, "known": 11, "missing": {}}


def test_the_further_parts_of_an_article_are_no_items_unless_the_list_names_them(site: Site, run: Run) -> None:
    site.routes |= {"/s.xml": listing(site, "/story", "/other"), "/other": html(text="b"), "/story/3": Reply(404)}
    for here, following in (("/story", "/story/2"), ("/story/2", "/story/3")):
        site.routes[here] = Reply(body=f'<html><head><link rel="next" href="{following}"></head><p>It goes on.</html>')

    outcome = run(source(f"{site.url}/s.xml", walk="sitemap"))
    site.routes["/s.xml"] = listing(site, "/story", "/story/2", "/other")
    named = run(source(f"{site.url}/s.xml", walk="sitemap"))

    assert site.times("/story/3") == 1
    assert told(outcome) == {"listed": 2, "had": 2, "known": 0, "missing": {}}
    assert told(named)["listed"] == 3


def test_a_walk_that_reads_no_list_says_nothing(site: Site, run: Run) -> None:
    site.routes["/"] = html()

    assert run(source(f"{site.url}/", walk="site")).completeness is None
