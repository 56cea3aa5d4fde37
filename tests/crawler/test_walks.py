"""The kinds of walk, against sites on real sockets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from gzip import compress
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import Asked, Reply, Site, html, redirect, serving

ETAG = (("ETag", '"one"'),)


def once_changed(reply: Reply) -> object:
    """Answers 304 to who has its ETag."""

    def answer(asked: Asked) -> Reply:
        return Reply(304) if asked.headers.get("if-none-match") == '"one"' else reply

    return answer


# --- page ---


def test_a_page_is_its_seeds_alone(site: Site, run: Run) -> None:
    site.routes |= {"/a": html("/b"), "/b": html()}

    outcome = run(source(f"{site.url}/a", walk="page"))

    assert outcome.outcome == "done"
    assert site.paths == ["/a"]


def test_urls_of_the_order_are_fetched_instead_of_the_seeds(site: Site, run: Run) -> None:
    site.routes |= {"/a": html("/c"), "/b": html("/c"), "/c": html()}

    run(source(f"{site.url}/a", walk="site"), urls=(f"{site.url}/b?utm_source=x", f"{site.url}/b"))

    assert site.paths == ["/b?utm_source=x", "/b"]


PICTURES = """<!doctype html><title>t</title><link rel=stylesheet href=/s.css><link rel=icon href=/i.ico>
<img src=/a.png srcset="/a2.png 2x, /a3.png 3x"><script src=/j.js></script><style>p{background:url(/in.png)}</style>
<a href=/next>n</a>"""


def with_requisites(site: Site) -> None:
    site.routes |= {
        "/p": Reply(body=PICTURES),
        "/s.css": Reply(body="@import '/s2.css'; @font-face{src:url(/f.woff2)}", type="text/css"),
        "/s2.css": Reply(body="p{background:url('/deep.png')}", type="text/css"),
    }
    for path in ("/i.ico", "/a.png", "/a2.png", "/a3.png", "/j.js", "/in.png", "/f.woff2", "/deep.png"):
        site.routes[path] = Reply(body=path, type="application/octet-stream")


def test_a_page_is_kept_with_what_it_needs_under_one_page_id(site: Site, run: Run) -> None:
    with_requisites(site)

    outcome = run(source(f"{site.url}/p", walk="page", keep={"requisites": True}))

    assert set(site.paths) == {
        "/p", "/s.css", "/s2.css", "/i.ico", "/a.png", "/a2.png", "/a3.png", "/j.js", "/in.png", "/f.woff2", "/deep.png"
    }  # fmt: skip
    assert outcome.pages == 1
    assert len({context.page_id for _, context, _ in run.archive.kept}) == 1
    vias = {capture.url.removeprefix(site.url): context.via for _, context, capture in run.archive.kept}
    assert vias["/deep.png"] == f"{site.url}/s2.css"


def test_requisites_are_left_alone_unless_asked_for(site: Site, run: Run) -> None:
    with_requisites(site)
    run(source(f"{site.url}/p", walk="page"))

    assert site.paths == ["/p"]


def test_requisites_come_from_any_host_and_do_not_count_as_depth(site: Site, run: Run) -> None:
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        site.routes |= {"/p": Reply(body=f"<html><img src={elsewhere.url}/x.png><a href={elsewhere.url}/a>a</a>")}

        run(source(f"{site.url}/p", walk="site", scope={"depth": 0}, keep={"requisites": True}))

        assert elsewhere.paths == ["/x.png"]


def test_a_picture_that_is_linked_to_and_outside_is_fetched_when_a_page_shows_it(site: Site, run: Run) -> None:
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        picture = f"{elsewhere.url}/x.png"
        site.routes |= {"/p": Reply(body=f"<html><a href={picture}><img src={picture}></a>")}

        run(source(f"{site.url}/p", walk="site", keep={"requisites": True}))

        assert elsewhere.paths == ["/x.png"]


# --- site ---


def test_a_site_is_all_links_within_its_scope_each_once(site: Site, run: Run) -> None:
    site.routes |= {
        "/n/": html("/n/a", "b", "/other", "http://elsewhere.invalid/", "mailto:x@y.z"),
        "/n/a": html("/n/", "/n/b#top", "/n/b"),
        "/n/b": html("/n/c?utm_source=feed"),
        "/n/c": html(),
    }

    outcome = run(source(f"{site.url}/n/", walk="site"))

    assert sorted(site.paths) == ["/n/", "/n/a", "/n/b", "/n/c"]
    assert (outcome.outcome, outcome.pages, outcome.dropped["outside"]) == ("done", 4, 2)


def test_depth_is_counted_in_links_from_the_seed(site: Site, run: Run) -> None:
    site.routes |= {f"/{n}": html(f"/{n + 1}") for n in range(9)}

    outcome = run(source(f"{site.url}/0", walk="site", scope={"depth": 3}))

    assert site.paths == ["/0", "/1", "/2", "/3"]
    assert outcome.outcome == "done"


def test_a_page_in_another_encoding_is_followed_too(site: Site, run: Run) -> None:
    body = '<meta charset=gb2312><a href="/量子">量子</a>'.encode("gb18030")
    site.routes |= {"/": Reply(body=body, type="text/html"), "/%E9%87%8F%E5%AD%90": html()}

    run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/", "/%E9%87%8F%E5%AD%90"]


def test_a_compressed_page_is_read_and_kept_as_it_came(site: Site, run: Run) -> None:
    body = compress(b'<a href="/b">b</a>')
    site.routes |= {"/": Reply(body=body, headers=(("Content-Encoding", "gzip"),)), "/b": html()}

    run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/", "/b"]
    assert run.archive.kept[0][0].response.body == body  # type: ignore[union-attr]


def test_a_bomb_is_kept_and_bounds_what_is_read(site: Site, run: Run) -> None:
    body = compress(b"<p>" + b" " * (80 << 20) + b'<a href="/b">b</a>')
    site.routes |= {"/": Reply(body=body, headers=(("Content-Encoding", "gzip"),)), "/b": html()}

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.paths == ["/"]
    assert outcome.outcome == "done"


def test_an_unchanged_page_is_followed_through_its_kept_copy(site: Site, run: Run) -> None:
    page = html("/b")
    site.routes |= {"/": once_changed(Reply(body=page.body, headers=ETAG)), "/b": html()}  # type: ignore[dict-item]
    run(source(f"{site.url}/", walk="site"))
    site.asked.clear()

    outcome = run(source(f"{site.url}/", walk="site"))

    assert site.last("/").headers["if-none-match"] == '"one"'
    assert site.paths == ["/", "/b"]
    assert outcome.outcome == "unchanged"
    assert outcome.revisits == 2


def test_without_kept_copies_a_page_that_is_followed_is_fetched_whole(site: Site, tmp_path: Path) -> None:
    page = html("/b")
    site.routes |= {"/": once_changed(Reply(body=page.body, headers=ETAG)), "/b": html()}  # type: ignore[dict-item]
    with archiving() as archive:
        run = Run(tmp_path, archive, reread=None)
        run(source(f"{site.url}/", walk="site"))
        run(source(f"{site.url}/", walk="site"))

    assert all("if-none-match" not in asked.headers for asked in site.asked)
    assert site.paths == ["/", "/b"] * 2


def test_a_304_refers_to_the_capture_that_has_the_payload(site: Site, run: Run) -> None:
    site.routes |= {"/": once_changed(Reply(body="x", headers=ETAG))}  # type: ignore[dict-item]
    run(source(f"{site.url}/", walk="page"))
    run(source(f"{site.url}/", walk="page"))

    (_, _, first), (exchange, context, _) = run.archive.kept
    assert exchange.response is not None
    assert exchange.response.status == 304
    assert context.not_modified is not None
    assert context.not_modified.record_id == first.record_id


# --- listing ---


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


def test_an_article_that_links_to_others_leads_nowhere(site: Site, run: Run) -> None:
    with_listing(site, 1)
    site.otherwise = html("/elsewhere")

    run(source(f"{site.url}/list", walk="listing"))

    assert "/elsewhere" not in site.paths


# --- feed ---


def rss(site: Site, *items: tuple[str, datetime | None]) -> Reply:
    entries = "".join(
        f"<item><title>{path}</title><link>{site.url}{path}</link>"
        + (f"<pubDate>{format_datetime(at)}</pubDate>" if at else "")
        + "</item>"
        for path, at in items
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>f</title>{entries}</channel></rss>'
    return Reply(body=body, type="application/rss+xml")


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_the_items_of_a_feed_are_fetched_once(site: Site, run: Run) -> None:
    site.routes |= {"/feed": rss(site, ("/a", LONG_AGO), ("/b", None)), "/a": html("/c"), "/b": html(), "/c": html()}
    run(source(f"{site.url}/feed", walk="feed"))
    assert site.paths == ["/feed", "/a", "/b"]
    site.asked.clear()

    outcome = run(source(f"{site.url}/feed", walk="feed"))

    assert site.paths == ["/feed"]
    assert outcome.outcome == "unchanged"
    assert outcome.dropped == {"not-newer": 2}


def test_an_item_that_was_updated_since_is_fetched_again(site: Site, run: Run) -> None:
    site.routes |= {"/feed": rss(site, ("/a", LONG_AGO), ("/b", LONG_AGO)), "/a": html(), "/b": html()}
    run(source(f"{site.url}/feed", walk="feed"))
    site.asked.clear()
    later = datetime.now(UTC) + timedelta(hours=1)
    site.routes |= {"/feed": rss(site, ("/a", LONG_AGO), ("/b", later)), "/b": html(text="new")}

    outcome = run(source(f"{site.url}/feed", walk="feed"))

    assert site.paths == ["/feed", "/b"]
    assert outcome.outcome == "done"


def test_a_feed_that_did_not_change_is_one_request(site: Site, run: Run) -> None:
    feed = rss(site, ("/a", LONG_AGO))
    site.routes |= {
        "/feed": once_changed(Reply(body=feed.body, type=feed.type, headers=ETAG)),  # type: ignore[dict-item]
        "/a": html(),
    }
    run(source(f"{site.url}/feed", walk="feed"))
    site.asked.clear()

    outcome = run(source(f"{site.url}/feed", walk="feed"))

    assert site.paths == ["/feed"]
    assert (outcome.outcome, outcome.captures, outcome.revisits) == ("unchanged", 1, 1)


def test_an_item_behind_a_redirect_is_fetched_once(site: Site, run: Run) -> None:
    site.routes |= {"/feed": rss(site, ("/go", LONG_AGO)), "/go": redirect("/a"), "/a": html()}
    run(source(f"{site.url}/feed", walk="feed"))
    run(source(f"{site.url}/feed", walk="feed"))

    assert site.times("/a") == 1


# --- sitemap ---


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


def test_pages_that_did_not_change_since_are_left_alone(site: Site, run: Run) -> None:
    with_sitemaps(site)
    run(source(f"{site.url}/sitemap.xml", walk="sitemap"))
    site.asked.clear()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    site.routes["/s1.xml"] = Reply(body=urlset(site, "/a", "/b", lastmod=tomorrow), type="application/xml")

    run(source(f"{site.url}/sitemap.xml", walk="sitemap"))

    assert sorted(site.paths) == ["/a", "/b", "/s1.xml", "/s2.xml.gz", "/sitemap.xml"]


def test_a_site_given_instead_of_its_sitemap_stands_for_what_robots_txt_names(site: Site, run: Run) -> None:
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
def test_a_sitemap_that_is_not_there_stands_for_those_that_robots_txt_names(
    site: Site, run: Run, answer: Reply
) -> None:
    with_sitemaps(site)
    site.routes |= {
        "/sitemap.xml": answer,
        "/robots.txt": Reply(body=f"Sitemap: {site.url}/s1.xml\n", type="text/plain"),
    }

    outcome = run(source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"robots": "obey"}))

    assert sorted(set(site.paths) - {"/nowhere"}) == ["/a", "/b", "/s1.xml", "/sitemap.xml"]
    assert outcome.outcome == "done"


def test_where_robots_txt_names_no_sitemap_either_that_is_told_of_the_seed(site: Site, run: Run) -> None:
    site.routes["/robots.txt"] = Reply(body="User-agent: *\nAllow: /\n", type="text/plain")

    outcome = run(source(f"{site.url}/sitemap.xml", walk="sitemap", politeness={"robots": "obey"}))

    assert site.paths == ["/sitemap.xml"]
    assert (outcome.outcome, outcome.reason) == ("empty", f"{site.url}/sitemap.xml: 404 Not Found")


def test_of_the_sitemaps_of_an_index_one_that_is_not_there_stands_for_no_other(site: Site, run: Run) -> None:
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
def test_of_two_sitemaps_that_name_a_page_the_one_that_tells_of_the_latest_change_counts(
    site: Site, run: Run, order: tuple[str, str]
) -> None:
    """As a sitemap for news does beside that of all posts: it says when the page was published, and no more."""
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
