"""How much a run has of what the site itself lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crawling.board import Board
from crawling.crawls import Run, remembering, source
from crawling.site import Reply, Site, html, redirect

from config.source import Source
from crawler.policy.order import Outcome


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with remembering(tmp_path) as run:
        yield run


def told(outcome: Outcome) -> dict[str, Any]:
    assert outcome.completeness is not None
    missing = {reason: each["count"] for reason, each in outcome.completeness["missing"].items()}
    return {**outcome.completeness, "missing": missing}


def incomplete(outcome: Outcome) -> dict[str, str]:
    """Return the missing pages of the incomplete threads."""
    assert outcome.completeness is not None
    return {each["url"]: each["missing"] for each in outcome.completeness.get("incomplete", ())}


def listing(site: Site, *paths: str) -> Reply:
    urls = "".join(f"<url><loc>{path if '//' in path else site.url + path}</loc></url>" for path in paths)
    return Reply(body=f"<urlset>{urls}</urlset>", type="application/xml")


def test_every_item_is_fetched_known_or_missing_for_a_reason(site: Site, run: Run) -> None:
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
        "known": 3,  # the targets of redirects are not compared
        "missing": {
            "gone": 3,
            "500 Internal Server Error": 1,
            "barred": 1,
            "outside": 1,
            "robots": 1,
        },
    }


def test_redirects_to_a_missing_page_are_missing_however_many_and_by_however_many_hops(site: Site, run: Run) -> None:
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


def test_archived_pages_count_as_known_after_a_limit_and_are_not_left_to_the_next_run(site: Site, run: Run) -> None:
    paths = [f"/a{n}" for n in range(9)]
    site.routes["/s.xml"] = listing(site, *paths)
    site.otherwise = html(text="x")
    kept = source(f"{site.url}/s.xml", walk="sitemap", limits={"pages": 4}, politeness={"concurrency": 1})
    outcomes = [run(kept) for _ in range(4)]

    assert [(told(each)["had"], told(each)["known"]) for each in outcomes] == [(3, 0), (3, 3), (3, 6), (0, 9)]
    assert [told(each)["missing"] for each in outcomes[2:]] == [{}, {}]
    assert sorted(site.paths) == sorted(["/s.xml"] * 4 + paths)


def test_everything_that_a_limit_left_is_judged_whatever_its_number(site: Site, run: Run) -> None:
    site.routes["/s.xml"] = listing(site, *(f"/a{n}" for n in range(230)))
    site.otherwise = html(text="x")
    run(source(f"{site.url}/s.xml", walk="sitemap"))
    site.routes["/s.xml"] = listing(site, "/new", *(f"/a{n}" for n in range(230)))

    outcome = run(source(f"{site.url}/s.xml", walk="sitemap", limits={"pages": 1}))

    assert told(outcome) == {"listed": 231, "had": 0, "known": 230, "missing": {"not fetched when the run ended": 1}}


def test_a_forum_counts_its_threads_and_not_their_pages(site: Site, run: Run) -> None:
    board = Board()
    for thread in range(1, 13):
        for post in range(12):
            board.write(thread, f"post {post}")
    board.serve(site)
    kept = source(f"{site.url}/", walk="forum")

    assert told(run(kept)) == {"listed": 12, "had": 12, "known": 0, "missing": {}}
    board.write(3, "more")
    assert told(run(kept)) == {"listed": 12, "had": 1, "known": 11, "missing": {}}


def pager(thread: int, number: int, pages: int, *, linked: bool = True) -> str:
    """A pager of numbers without an arrow, as some themes write it."""
    items = (
        f"<li class=active><span>{other}</span></li>"
        if other == number
        else f"<li><a href='{address(thread, other) if linked else '#'}'>{other}</a></li>"
        for other in range(1, pages + 1)
    )
    return f"<div class=pagination><ul>{''.join(items)}</ul></div>"


def address(thread: int, number: int) -> str:
    return f"/viewtopic.php?t={thread}" + (f"&start={5 * (number - 1)}" if number > 1 else "")


def numbered(site: Site, threads: int, pages: int, *, linked: bool = True) -> Source:
    """A forum whose threads have this many pages each."""
    rows = (
        f'<li class="row"><dl><dt><a class="topictitle" href="{address(thread, 1)}">T{thread}</a></dt>'
        f'<dd class="posts">{pages * 5}</dd></dl></li>'
        for thread in range(1, threads + 1)
    )
    site.routes["/viewforum.php?f=1"] = Reply(body=f'<body id="phpbb"><ul>{"".join(rows)}</ul>')
    for thread in range(1, threads + 1):
        for number in range(1, pages + 1):
            post = f'<div class="post" id="p{thread}{number}"><div class="postbody">'
            post += '<div class="content">Said.</div></div></div>'
            shown = f'<h2 class="topic-title"><a href="{address(thread, 1)}">T{thread}</a></h2>'
            shown += pager(thread, number, pages, linked=linked)
            site.routes[address(thread, number)] = Reply(body=f'<body id="phpbb">{shown}{post}{number}')
    return source(f"{site.url}/viewforum.php?f=1", walk="forum", politeness={"retries": 0})


def test_a_thread_without_an_arrow_is_followed_by_its_page_numbers(site: Site, run: Run) -> None:
    outcome = run(numbered(site, 2, 7))

    assert {path for path in site.paths if "viewtopic" in path} == {
        address(thread, number) for thread in (1, 2) for number in range(1, 8)
    }
    assert (outcome.outcome, incomplete(outcome)) == ("done", {})
    assert run(numbered(site, 2, 7)).outcome == "unchanged"


def test_pages_of_a_thread_that_its_pager_counts_and_nothing_links_to_are_missing(site: Site, run: Run) -> None:
    outcome = run(numbered(site, 2, 7, linked=False))

    first, second = (site.url + address(thread, 1) for thread in (1, 2))
    assert incomplete(outcome) == {first: "2-7", second: "2-7"}
    assert outcome.outcome == "partial"
    assert outcome.reason == f"pages of 2 forum threads are missing from this run, such as pages 2-7 of {first}"


def test_pages_behind_a_missing_page_are_missing(site: Site, run: Run) -> None:
    asked = numbered(site, 2, 7)
    site.routes[address(2, 4)] = Reply(404)

    outcome = run(asked)

    assert incomplete(outcome) == {site.url + address(2, 1): "4-7"}
    assert (outcome.outcome, outcome.reason) == (
        "partial",
        f"pages 4-7 of the forum thread {site.url}{address(2, 1)} are missing from this run",
    )


def test_pages_of_a_thread_that_a_limit_left_are_missing_until_the_next_run_fetches_them(site: Site, run: Run) -> None:
    asked = numbered(site, 1, 7)
    limited = asked.model_copy(update={"limits": asked.limits.model_copy(update={"pages": 4})})

    first, rest = run(limited), run(asked)

    assert (first.outcome, incomplete(first)) == ("limited", {site.url + address(1, 1): "4-7"})
    assert (rest.outcome, incomplete(rest)) == ("done", {})
    assert {path for path in site.paths if "viewtopic" in path} == {address(1, number) for number in range(1, 8)}


def test_a_thread_whose_pages_redirect_is_complete(site: Site, run: Run) -> None:
    asked = numbered(site, 1, 3)
    for number in (1, 2):
        slug = f"/viewtopic.php?slug=t1&page={number}"
        site.routes[slug] = site.routes[address(1, number)]
        site.routes[address(1, number)] = redirect(slug)

    outcome = run(asked)

    assert (outcome.outcome, incomplete(outcome)) == ("done", {})


def test_further_parts_of_an_article_are_not_items_unless_the_list_names_them(site: Site, run: Run) -> None:
    site.routes |= {"/s.xml": listing(site, "/story", "/other"), "/other": html(text="b"), "/story/3": Reply(404)}
    for here, following in (("/story", "/story/2"), ("/story/2", "/story/3")):
        site.routes[here] = Reply(body=f'<html><head><link rel="next" href="{following}"></head><p>It goes on.</html>')

    outcome = run(source(f"{site.url}/s.xml", walk="sitemap"))
    site.routes["/s.xml"] = listing(site, "/story", "/story/2", "/other")
    named = run(source(f"{site.url}/s.xml", walk="sitemap"))

    assert site.times("/story/3") == 1
    assert told(outcome) == {"listed": 2, "had": 2, "known": 0, "missing": {}}
    assert told(named)["listed"] == 3


def test_a_walk_that_reads_no_list_reports_no_completeness(site: Site, run: Run) -> None:
    site.routes["/"] = html()

    assert run(source(f"{site.url}/", walk="site")).completeness is None
