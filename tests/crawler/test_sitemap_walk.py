"""The walk `sitemap`: the pages that sitemaps name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from gzip import compress

import pytest
from crawling.crawls import Run, source
from crawling.site import Reply, Site, html, redirect


def urlset(site: Site, *paths: str, lastmod: str = "2020-01-01") -> str:
    entries = "".join(f"<url><loc>{site.url}{path}</loc><lastmod>{lastmod}</lastmod></url>" for path in paths)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'


def with_sitemaps(site: Site) -> None:
    index = "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in ("/s1.xml", "/s2.xml.gz"))
    site.routes |= {
        "/sitemap.xml": Reply(body=f"<sitemapindex>{index}</sitemapindex>", type="application/xml"),
        "/s1.xml": Reply(body=urlset(site, "/a", "/b"), type="application/xml"),
        "/s2.xml.gz": Reply(body=compress(urlset(site, "/c").encode()), type="application/gzip"),
        "/a": html("/z"),
        "/b": html(),
        "/c": html(),
        "/z": html(),
    }


def test_a_sitemap_is_its_pages_through_indexes_and_gzip(site: Site, run: Run) -> None:
    with_sitemaps(site)

    outcome = run(source(f"{site.url}/sitemap.xml", walk="sitemap"))

    assert sorted(site.paths) == ["/a", "/b", "/c", "/s1.xml", "/s2.xml.gz", "/sitemap.xml"]
    assert outcome.outcome == "done"


def test_pages_unchanged_since_are_not_requested(site: Site, run: Run) -> None:
    with_sitemaps(site)
    run(source(f"{site.url}/sitemap.xml", walk="sitemap"))
    site.asked.clear()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    site.routes["/s1.xml"] = Reply(body=urlset(site, "/a", "/b", lastmod=tomorrow), type="application/xml")

    run(source(f"{site.url}/sitemap.xml", walk="sitemap"))

    assert sorted(site.paths) == ["/a", "/b", "/s1.xml", "/s2.xml.gz", "/sitemap.xml"]


def test_a_site_given_instead_of_its_sitemap_stands_for_the_sitemaps_that_robots_txt_names(
    site: Site, run: Run
) -> None:
    with_sitemaps(site)
    site.routes |= {
        "/": html("/z"),
        "/robots.txt": Reply(body=f"Sitemap: {site.url}/s1.xml\n", type="text/plain"),
    }

    run(source(f"{site.url}/", walk="sitemap", politeness={"robots": "obey"}))

    assert sorted(site.paths) == ["/", "/a", "/b", "/s1.xml"]


@pytest.mark.parametrize(
    "answer", [Reply(404), Reply(410), redirect("/nowhere"), Reply(body="<title>Page not found</title>")]
)
def test_a_missing_sitemap_stands_for_those_that_robots_txt_names(site: Site, run: Run, answer: Reply) -> None:
    with_sitemaps(site)
    site.routes |= {
        "/sitemap.xml": answer,
        "/robots.txt": Reply(body=f"Sitemap: {site.url}/s1.xml\n", type="text/plain"),
    }

    outcome = run(source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"robots": "obey"}))

    assert sorted(set(site.paths) - {"/nowhere"}) == ["/a", "/b", "/s1.xml", "/sitemap.xml"]
    assert outcome.outcome == "done"


def test_the_seed_reports_that_robots_txt_names_no_sitemap_either(site: Site, run: Run) -> None:
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nAllow: /\n", type="text/plain")

    outcome = run(source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"robots": "obey"}))

    assert site.paths == ["/sitemap.xml"]
    assert (outcome.outcome, outcome.reason) == ("empty", f"{site.url}/sitemap.xml: 404 Not Found")


def test_a_missing_sitemap_of_an_index_stands_for_no_other(site: Site, run: Run) -> None:
    with_sitemaps(site)
    site.routes |= {
        "/s1.xml": Reply(404),
        "/robots.txt": Reply(body=f"Sitemap: {site.url}/other.xml\n", type="text/plain"),
    }

    run(source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"robots": "obey"}))

    assert "/other.xml" not in site.paths


def test_a_sitemap_that_names_itself_is_read_once(site: Site, run: Run) -> None:
    body = f"<sitemapindex><sitemap><loc>{site.url}/s.xml</loc></sitemap></sitemapindex>"
    site.routes["/s.xml"] = Reply(body=body, type="application/xml")

    assert run(source(f"{site.url}/s.xml", walk="sitemap")).outcome == "done"
    assert site.times("/s.xml") == 1


@pytest.mark.parametrize("order", [("/posts.xml", "/news.xml"), ("/news.xml", "/posts.xml")])
def test_the_latest_change_counts_if_two_sitemaps_name_a_page(site: Site, run: Run, order: tuple[str, str]) -> None:
    """A sitemap for news beside that of all posts only says when the page was published."""
    index = "".join(f"<sitemap><loc>{site.url}{path}</loc></sitemap>" for path in order)
    posts = Reply(body=urlset(site, "/a", "/b"), type="application/xml")
    site.routes |= {
        "/sitemap.xml": Reply(body=f"<sitemapindex>{index}</sitemapindex>", type="application/xml"),
        "/posts.xml": posts,
        "/news.xml": posts,
        "/a": html(),
        "/b": html(),
    }
    walked = source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"concurrency": 1})
    run(walked)
    site.asked.clear()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    site.routes["/posts.xml"] = Reply(body=urlset(site, "/a", lastmod=tomorrow), type="application/xml")

    outcome = run(walked)

    assert site.paths == ["/sitemap.xml", *order, "/a"]
    assert outcome.dropped == {"not-newer": 1}


def test_the_run_reports_a_site_without_a_sitemap(site: Site, run: Run) -> None:
    site.routes["/"] = html("/a")

    outcomes = [run(source(f"{site.url}/", walk="sitemap")) for _ in range(2)]

    assert {outcome.outcome for outcome in outcomes} == {"partial"}
    assert {outcome.reason for outcome in outcomes} == {
        "the start URLs of the source are ordinary pages, not feeds or sitemaps; choose another walk (crawl method)"
    }


def test_a_page_beside_its_sitemap_is_archived_and_the_run_is_complete(site: Site, run: Run) -> None:
    site.routes |= {"/": html(), "/sitemap.xml": Reply(body=urlset(site, "/a"), type="application/xml"), "/a": html()}

    outcome = run(source(f"{site.url}/sitemap.xml", f"{site.url}/", walk="sitemap"))

    assert sorted(site.paths) == ["/", "/a", "/sitemap.xml"]
    assert outcome.outcome == "done"
