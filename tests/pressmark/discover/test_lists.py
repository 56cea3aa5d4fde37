"""The feeds and sitemaps of a site are found."""

from __future__ import annotations

import pytest
from crawling.site import Reply, serving
from services.inspecting import RSS, look_at, proposed

from extractor.links.feed import posts_of_wordpress

RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>"
    "<channel><title>News</title><link>/</link></channel><item><title>One</title><link>/one</link></item></rdf:RDF>"
)
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{"id": "1", "url": "/one"}]}'


def test_news_sitemaps_wordpress_rest_language_and_encoding_are_reported() -> None:
    news = (
        '<urlset xmlns:news="n"><url><loc>/a</loc><news:news><news:publication><news:language>zh-cn</news:language>'
        "</news:publication><news:publication_date>2026-11-24</news:publication_date></news:news></url></urlset>"
    )
    page = '<html><head><meta charset=gb2312><link rel="https://api.w.org/" href="/wp-json/"></head><p>量子</html>'
    with serving() as site:
        site.routes |= {
            "/": Reply(body=page.encode("gb18030"), type="text/html"),
            "/sitemap.xml": Reply(body=news, type="application/xml"),
        }
        seen = look_at(f"{site.url}/")

        assert [(sitemap.news, sitemap.languages) for sitemap in seen.sitemaps] == [(1, ("zh-cn",))]
        assert (seen.language, seen.encoding, seen.wordpress) == ("zh-cn", "gb18030", f"{site.url}/wp-json/")
        assert seen.forum is None


def test_the_languages_of_a_news_sitemap_are_reported_most_frequent_first() -> None:
    entries = "".join(
        f"<url><loc>/{number}</loc><news:news><news:publication><news:language>{language}</news:language>"
        "</news:publication></news:news></url>"
        for number, language in enumerate(("en", "zh", "zh"))
    )
    with serving() as site:
        body = f'<urlset xmlns:news="n">{entries}</urlset>'
        site.routes |= {"/": Reply(body="<p>News"), "/sitemap.xml": Reply(body=body, type="application/xml")}
        seen = look_at(f"{site.url}/")

        assert seen.sitemaps[0].languages == ("zh", "en")


def test_the_posts_that_wordpress_lists_are_a_feed_if_they_are_readable() -> None:
    page = '<html><link rel="https://api.w.org/" href="/wp-json/"><p>News</html>'
    post = '{"link": "/one", "title": {"rendered": "One"}, "modified_gmt": "2026-11-24T10:00:00"}'
    with serving() as site:
        site.routes["/"] = Reply(body=page)
        place = posts_of_wordpress("/wp-json/")
        site.routes[place] = Reply(401, '{"code": "rest_not_logged_in"}', type="application/json")
        closed = look_at(f"{site.url}/")
        site.routes[place] = Reply(body=f'{{"body": [{post}], "headers": {{}}}}', type="application/json")
        open_to_all = look_at(f"{site.url}/")

        assert closed.feeds == ()
        assert [(feed.url, feed.pages) for feed in open_to_all.feeds] == [(site.url + place, (f"{site.url}/one",))]
        assert proposed(open_to_all).source.walk == "feed"


@pytest.mark.parametrize(
    ("head", "place", "body"),
    [
        ("", "/rss.xml", RSS.format("0.91")),
        ("", "/index.xml", RSS.format("2.0")),
        ("", "/feed.json", JSON),
        ("<link rel=alternate type=application/rss+xml href=/x?feed=9>", "/x?feed=9", RDF),
        ("<link rel=alternate type=application/feed+json href=/x>", "/x", JSON),
        ("<link rel=alternate type=application/json href=/x>", "/x", JSON),
        ("<link rel=alternate type=application/rdf+xml href=/x>", "/x", RDF),
        ("<link rel=Alternate type='Application/RSS+XML; charset=utf-8' href=/x>", "/x", RSS.format("2.0")),
        ("<link rel=alternate type=text/xml href=/x>", "/x", RSS.format("2.0")),
        ("<link rel=alternate type=application/rss+xml href=/gone>", "/feed.xml", RSS.format("2.0")),
        ("", "/index.rdf", RDF),
        ("<a href=/about/feeds/>Feeds</a><a href=/about/feed.rss>RSS</a>", "/about/feed.rss", RSS.format("0.92")),
    ],
)
def test_feeds_of_any_kind_are_found_if_named_linked_or_at_the_usual_place(head: str, place: str, body: str) -> None:
    with serving() as site:
        kind = "application/json" if body.startswith("{") else "text/xml"
        site.routes |= {"/": Reply(body=f"<html>{head}<p>News</p></html>"), place: Reply(body=body, type=kind)}
        seen = look_at(f"{site.url}/")

        assert [(feed.url, feed.pages) for feed in seen.feeds] == [(site.url + place, (f"{site.url}/one",))]


def test_a_news_sitemap_is_found_among_many_and_the_usual_one_if_the_named_ones_are_gone() -> None:
    one = "<urlset><url><loc>/one</loc></url></urlset>"
    named = "".join(f"Sitemap: /archive-{number}.xml\n" for number in range(9))
    with serving() as site:
        site.routes |= {
            "/": Reply(body="<html><p>News</p></html>"),
            "/robots.txt": Reply(body=f"{named}Sitemap: /sitemap-news.xml\n", type="text/plain"),
            "/sitemap-news.xml": Reply(body=one, type="application/xml"),
        }
        among_many = look_at(f"{site.url}/")
        site.routes["/sitemap.xml"] = site.routes.pop("/sitemap-news.xml")
        usual = look_at(f"{site.url}/")

        assert [sitemap.url for sitemap in among_many.sitemaps] == [f"{site.url}/sitemap-news.xml"]
        assert [sitemap.url for sitemap in usual.sitemaps] == [f"{site.url}/sitemap.xml"]


def test_the_feed_of_a_site_is_found_from_a_page_below_its_front_page() -> None:
    with serving() as site:
        site.routes |= {
            "/en/news/": Reply(body="<html><p>News</p></html>"),
            "/feed.xml": Reply(body=RSS.format("2.0"), type="text/xml"),
        }

        assert [feed.url for feed in look_at(f"{site.url}/en/news/").feeds] == [f"{site.url}/feed.xml"]
