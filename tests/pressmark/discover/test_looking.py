from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from crawling.board import Board
from crawling.site import Reply, serving
from web_of_tests.newspaper import Newspaper

from config.errors import ConfigError
from config.load import parse_sources
from crawler.wire.guard import AddressForbidden
from extractor.links.feed import posts_of_wordpress
from pressmark.discover.adding import sources_at
from pressmark.discover.draft import draft, plain_text
from pressmark.discover.inspect import FoundForum, Look, UnfitUrl, look
from pressmark.discover.propose import Proposal, Wish, name_of, propose, rhythm
from pressmark.discover.visit import SiteUnreachable, Visitor

AGENT = "Pressmark/0.1"
LOOPBACK = ("127.0.0.0/8",)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper() as newspaper:
        yield newspaper


def look_at(url: str, *, allowed: bool = True) -> Look:
    from ipaddress import ip_network

    async def looking() -> Look:
        visitor = Visitor(AGENT, allow=[ip_network(network) for network in LOOPBACK] if allowed else ())
        try:
            return await look(url, visitor)
        finally:
            await visitor.close()

    return asyncio.run(looking())


def proposed(seen: Look, wish: Wish | None = None) -> Proposal:
    return propose(seen, wish or Wish(addresses=LOOPBACK), user_agent=AGENT)


def test_the_front_page_of_a_newspaper_is_kept_by_its_feed(paper: Newspaper) -> None:
    seen = look_at(paper.url)
    found = proposed(seen)

    assert found.source.walk == "feed"
    assert found.source.seeds == (f"{paper.url}/feed.xml", f"{paper.url}/")
    assert set(found.first[2:]) == {paper.url + article.path for article in paper.articles[:20]}
    assert {feed.url for feed in seen.feeds} == {f"{paper.url}/feed.xml", f"{paper.url}/atom.xml"}
    assert [len(sitemap.pages) for sitemap in seen.sitemaps] == [len(paper.articles) + 5]


def test_a_section_is_kept_as_a_listing_of_what_lies_below_it(paper: Newspaper) -> None:
    found = proposed(look_at(f"{paper.url}/technology/"))

    assert found.source.walk == "listing"
    assert found.source.scope.include == ("/technology/",)
    assert f"{paper.url}/technology/page/2/" in found.first
    assert found.open_ended


def test_a_feed_and_a_sitemap_are_kept_as_what_they_are(paper: Newspaper) -> None:
    assert proposed(look_at(f"{paper.url}/atom.xml")).source.walk == "feed"
    assert proposed(look_at(f"{paper.url}/sitemap-articles.xml")).source.walk == "sitemap"


def test_an_article_is_a_page(paper: Newspaper) -> None:
    found = proposed(look_at(paper.url_of("harbour-fog-signal")))

    assert found.source.walk == "page"
    assert found.first == (paper.url_of("harbour-fog-signal"),)


def test_what_robots_txt_forbids_is_told_apart(paper: Newspaper) -> None:
    found = proposed(look_at(paper.url), Wish(walk="site", addresses=LOOPBACK))

    assert found.forbidden == (f"{paper.url}/search?q=tide",)


def test_the_draft_reads_back_as_the_source_with_its_reasons_beside_it(paper: Newspaper) -> None:
    for path in ("/", "/technology/", "/about.html", "/sitemap.xml"):
        seen = look_at(paper.url + path)
        for wish in (Wish(addresses=LOOPBACK), Wish(name="gazette", walk="site", cron="0 */6 * * *", ports=(8900,))):
            found = proposed(seen, wish)
            text = draft(found, seen, at=NOW)

            assert parse_sources(text) == (found.source,)
            assert "# Written by" in text


def test_a_source_that_came_as_data_is_written_as_yaml(paper: Newspaper) -> None:
    source = proposed(look_at(f"{paper.url}/technology/")).source

    facts = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert parse_sources(plain_text(facts)) == (source,)


def test_addresses_that_are_not_allowed_are_not_looked_at(paper: Newspaper) -> None:
    paper.forget()
    with pytest.raises(AddressForbidden):
        look_at(paper.url, allowed=False)

    assert paper.asked == []


def test_what_is_not_there_is_told_in_a_sentence(paper: Newspaper) -> None:
    with pytest.raises(SiteUnreachable, match="it returned status 404"):
        look_at(f"{paper.url}/nothing")
    with pytest.raises(SiteUnreachable, match=r"could not be fetched: Connection refused$"):
        look_at("http://127.0.0.1:9/", allowed=True)
    with pytest.raises(UnfitUrl):
        look_at("ftp://example.org/")


def test_a_name_is_taken_from_the_host() -> None:
    assert name_of("https://www.example.org/news/") == "example-org"
    assert name_of("http://127.0.0.1:8900/") == "127-0-0-1"


def test_a_wish_that_cannot_be_granted_is_told_with_its_key(paper: Newspaper) -> None:
    with pytest.raises(ConfigError, match="every"):
        proposed(look_at(paper.url), Wish(every="often"))


def test_a_name_that_is_taken_gets_a_number(paper: Newspaper) -> None:
    found = propose(look_at(paper.url), Wish(), user_agent=AGENT, taken=["127-0-0-1", "127-0-0-1-2"])

    assert found.source.name == "127-0-0-1-3"


@pytest.mark.parametrize(("gap", "every"), [(20, 1), (300, 6), (2000, 24)])
def test_what_changes_often_is_looked_at_often(gap: int, every: int) -> None:
    dates = [NOW - timedelta(minutes=gap * number) for number in range(10)]

    assert rhythm(dates) == timedelta(hours=every)


def test_dates_that_tell_nothing_give_no_rhythm() -> None:
    assert rhythm([NOW, NOW, NOW, NOW, NOW]) is None
    assert rhythm([]) is None


def test_a_forum_is_kept_by_its_boards(tmp_path: Path) -> None:
    board = Board()
    for thread in range(3):
        board.write(thread, "post")
    with serving() as site:
        board.serve(site)
        front, inside = look_at(f"{site.url}/"), look_at(f"{site.url}/viewforum.php?f=1")
        found = proposed(front)

        assert front.forum == FoundForum("phpbb", (f"{site.url}/viewforum.php?f=1",), ())
        assert inside.forum is not None
        assert len(inside.forum.threads) == 3
        assert (found.source.walk, found.open_ended) == ("forum", True)
        assert "a phpbb forum with 1 board and 0 threads" in found.reasons["walk"]
        assert found.first == (f"{site.url}/", f"{site.url}/viewforum.php?f=1")


def test_what_a_first_run_asks_for_is_told_by_the_addresses_that_it_uses() -> None:
    board = Board(tells_origin=True, sessions=(f"&amp;sid={number:032x}" for number in count()))
    for thread in range(1, 4):
        board.write(thread, "post")
    with serving() as site:
        board.serve(site)
        found = proposed(look_at(f"{site.url}/viewforum.php?f=1"))

        threads = [f"{site.url}/viewtopic.php?t={thread}" for thread in (3, 2, 1)]
        assert found.first == (f"{site.url}/viewforum.php?f=1", *threads)


def test_news_sitemaps_the_rest_of_wordpress_language_and_encoding_are_told() -> None:
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


def test_the_languages_of_a_news_sitemap_are_told_with_the_most_frequent_first() -> None:
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


def test_the_posts_that_wordpress_lists_are_a_feed_where_it_lets_them_be_read() -> None:
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


def test_the_comments_of_a_file_name_what_is_there_rightly_and_leave_urls_whole() -> None:
    place = f"/feed/{'a-long-name-with-hyphens/' * 12}"
    page = (
        '<html><link rel="https://api.w.org/" href="/wp-json/">'
        f'<link rel="alternate" type="application/rss+xml" href="{place}"><p>News</html>'
    )
    post = '{"link": "/one", "title": {"rendered": "One"}, "modified_gmt": "2026-11-24T10:00:00"}'
    posts = posts_of_wordpress("/wp-json/")
    with serving() as site:
        site.routes |= {
            "/": Reply(body=page),
            place: Reply(body=RSS.format("2.0"), type="application/rss+xml"),
            posts: Reply(body=f'{{"body": [{post}], "headers": {{}}}}', type="application/json"),
        }
        seen = look_at(f"{site.url}/")
        text = draft(proposed(seen), seen, at=NOW)

    comments = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))
    assert f"the site publishes a feed, {site.url}{place}, of 1 item" in comments
    assert f"the list of posts of WordPress {site.url}{posts}" in comments
    assert f"the feed {site.url}{posts}" not in comments


def test_the_sources_that_begin_at_the_same_url_are_named(paper: Newspaper) -> None:
    one = proposed(look_at(f"{paper.url}/technology/")).source
    other = proposed(look_at(paper.url_of("harbour-fog-signal"))).source

    assert list(sources_at([f"{paper.url.upper()}/technology/#top"], [one, other])) == [one.name]
    assert list(sources_at([f"{paper.url}/about.html"], [one, other])) == []


RSS = (
    "<rss version='{}'><channel><title>News</title><link>/</link>"
    "<item><title>One</title><link>/one</link></item></channel></rss>"
)
RDF = (
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>"
    "<channel><title>News</title><link>/</link></channel><item><title>One</title><link>/one</link></item></rdf:RDF>"
)
JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": [{"id": "1", "url": "/one"}]}'


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
def test_feeds_of_any_kind_are_found_where_they_are_named_linked_to_or_usual(head: str, place: str, body: str) -> None:
    with serving() as site:
        kind = "application/json" if body.startswith("{") else "text/xml"
        site.routes |= {"/": Reply(body=f"<html>{head}<p>News</p></html>"), place: Reply(body=body, type=kind)}
        seen = look_at(f"{site.url}/")

        assert [(feed.url, feed.pages) for feed in seen.feeds] == [(site.url + place, (f"{site.url}/one",))]


def test_a_news_sitemap_is_seen_among_many_and_the_usual_one_where_those_that_are_named_are_gone() -> None:
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


def sitemap_of(*urls: str, more: str = "") -> Reply:
    entries = "".join(f"<url><loc>{url}</loc>{more}</url>" for url in urls)
    return Reply(body=f'<urlset xmlns:news="n">{entries}</urlset>', type="application/xml")


@pytest.mark.parametrize("robots", ["", "Sitemap: /all.xml\nSitemap: /sitemap.xml"])
def test_a_walk_of_sitemaps_begins_with_their_index_although_only_a_few_of_them_are_looked_at(robots: str) -> None:
    places = [f"/part-{number}.xml" for number in range(9)]
    index = "".join(f"<sitemap><loc>{place}</loc></sitemap>" for place in places)
    with serving() as site:
        site.routes |= {
            "/": Reply(body="<html><p>News</p></html>"),
            "/robots.txt": Reply(body=robots, type="text/plain"),
            "/sitemap.xml": Reply(body=f"<sitemapindex>{index}</sitemapindex>", type="application/xml"),
            "/all.xml": sitemap_of("/two"),
            **{place: sitemap_of("/one" + place) for place in places},
        }
        found = proposed(look_at(f"{site.url}/"))
        itself = proposed(look_at(f"{site.url}/sitemap.xml"))

        named = ["/all.xml", "/sitemap.xml"] if robots else ["/sitemap.xml"]
        assert (found.source.walk, found.open_ended) == ("sitemap", True)
        assert found.source.seeds == (*(site.url + place for place in named), f"{site.url}/")
        assert (itself.source.seeds, itself.open_ended) == ((f"{site.url}/sitemap.xml",), True)


def test_a_sitemap_that_was_looked_at_is_all_that_a_walk_finds() -> None:
    with serving() as site:
        site.routes |= {"/": Reply(body="<html><p>News</p></html>"), "/sitemap.xml": sitemap_of("/one")}
        found = proposed(look_at(f"{site.url}/"))

        assert (found.source.seeds, found.open_ended) == ((f"{site.url}/sitemap.xml", f"{site.url}/"), False)
        assert found.first[2:] == (f"{site.url}/one",)
        assert found.kept.startswith("It archives this page and the pages listed in the sitemaps; ")
        assert found.forecast == "3 pages: this page, the sitemaps and the pages they list"


def test_a_site_with_a_news_sitemap_and_no_feed_is_kept_by_it_as_often_as_it_has_news() -> None:
    links = "".join(f"<article><h2><a href=/{n}>What was found at sea {n}</a></h2></article>" for n in range(5))
    with serving() as site:
        news = "".join(
            f"<url><loc>/{n}</loc><n:news><n:publication><n:language>de</n:language></n:publication>"
            f"<n:publication_date>2026-11-2{n}T08:00:00+01:00</n:publication_date><n:title>Fund {n}</n:title></n:news>"
            "</url>"
            for n in range(5)
        )
        site.routes |= {
            "/": Reply(body=f"<html>{links}</html>"),
            "/sitemap.xml": Reply(body=f'<urlset xmlns:n="n">{news}</urlset>', type="application/xml"),
        }
        seen = look_at(f"{site.url}/")
        found = proposed(seen)

        assert (found.source.walk, found.source.seeds) == ("sitemap", (f"{site.url}/sitemap.xml", f"{site.url}/"))
        assert found.reasons["timetable"] == "its news sitemap has new items about every 24 hours"
        assert seen.language == "de"
        assert (seen.sitemaps[0].newest, seen.sitemaps[0].dates[0]) == ("Fund 4", datetime(2026, 11, 24, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("研究部署近海潮位数据的统一发布。各单位要保留原始记录，并公开修正的理由。" * 3, "zh"),
        ("Das alte Kühlhaus soll das Krankenhaus mit Meerwasser kühlen. Die Pläne hängen in der Bücherei aus.", "de"),
        ("Oui", None),
    ],
)
def test_the_language_of_a_page_that_names_none_is_told_by_its_text(text: str, language: str | None) -> None:
    with serving() as site:
        site.routes["/"] = Reply(body=f"<html><script>const why = 'because the and of'</script><p>{text}</p></html>")

        assert look_at(f"{site.url}/").language == language


@pytest.mark.parametrize(
    ("path", "wish", "kept", "forecast"),
    [
        (
            "/",
            None,
            "this page and the articles that the feed lists",
            "at least 22 pages: this page, the feed and the items",
        ),
        ("/", "site", "all linked pages", "at least "),
        ("/technology/", None, "this list and its articles", "at least "),
        (
            "/sitemap-articles.xml",
            None,
            "the pages listed in the sitemaps",
            "pages: the sitemaps and the pages they list",
        ),
        ("/about.html", "page", "only this page", "1 page: this one"),
    ],
)
def test_it_is_said_which_part_of_the_site_is_kept_how_to_keep_all_and_what_kind_of_number_the_forecast_is(
    paper: Newspaper, path: str, wish: Any, kept: str, forecast: str
) -> None:
    seen = look_at(paper.url + path)
    found = proposed(seen, Wish(walk=wish, addresses=LOOPBACK))
    text = " ".join(draft(found, seen, at=NOW).replace("\n#", "").split())

    assert found.kept.startswith(f"It archives {kept}")
    assert forecast in found.forecast
    assert ("--walk site" in found.kept) == (found.source.walk != "site")
    assert " ".join(found.kept.split()) in text


def test_a_feed_that_is_named_itself_is_the_only_seed(paper: Newspaper) -> None:
    found = proposed(look_at(f"{paper.url}/atom.xml"))

    assert found.source.seeds == (f"{paper.url}/atom.xml",)
    assert found.kept.startswith("It archives the feed and the articles it lists")
