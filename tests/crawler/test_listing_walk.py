"""The walk `listing`: section pages, and the articles that they list."""

from __future__ import annotations

from crawling.crawls import Run, source
from crawling.site import Reply, Site, html


def listing(number: int, *, last: int, articles: int = 6) -> Reply:
    items = "".join(
        f'<article><h2><a href="/a/{number}-{n}">The long title of article {number}-{n} of the paper</a></h2>'
        f"<time datetime=2026-01-0{n + 1}>then</time></article>"
        for n in range(articles)
    )
    further = f'<a rel=next href="/list?page={number + 1}">Next</a>' if number < last else ""
    menu = '<nav><a href="/about">About</a><a href="/contact">Contact</a></nav>'
    return Reply(body=f"<!doctype html><body>{menu}<main>{items}</main>{further}</body>")


def with_listing(site: Site, last: int) -> None:
    site.routes |= {f"/list?page={n}": listing(n, last=last) for n in range(1, last + 1)}
    site.routes["/list"] = listing(1, last=last)
    site.otherwise = lambda asked: Reply(body=f"<p>{asked.path}") if asked.path.startswith("/a/") else Reply(404)


def test_a_listing_is_its_articles_and_its_further_pages_and_no_menu(site: Site, run: Run) -> None:
    with_listing(site, 3)

    outcome = run(source(f"{site.url}/list", walk="listing"))

    articles = {f"/a/{page}-{n}" for page in (1, 2, 3) for n in range(6)}
    assert set(site.paths) == {"/list", "/list?page=2", "/list?page=3", *articles}
    assert outcome.outcome == "done"


def test_paging_stops_where_nothing_is_new(site: Site, run: Run) -> None:
    with_listing(site, 4)
    run(source(f"{site.url}/list", walk="listing"))
    site.asked.clear()

    outcome = run(source(f"{site.url}/list", walk="listing"))

    assert set(site.paths) == {"/list", *(f"/a/1-{n}" for n in range(6))}
    assert outcome.outcome == "unchanged"


def test_links_of_an_article_to_others_are_not_followed(site: Site, run: Run) -> None:
    with_listing(site, 1)
    site.otherwise = html("/elsewhere")

    run(source(f"{site.url}/list", walk="listing"))

    assert "/elsewhere" not in site.paths
