from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from crawling.board import Board
from crawling.site import Reply, serving
from services.inspecting import AGENT, LOOPBACK, RSS, look_at, proposed
from specimens.forum_configurations import HOST, REWRITTEN, forum_pages, rewritten
from web_of_tests.newspaper import Newspaper

from config.errors import ConfigError
from config.load import parse_sources
from crawler.policy.scope import Scope
from crawler.wire.guard import AddressForbidden
from extractor.links.feed import posts_of_wordpress
from pressmark.discover.draft import draft, plain_text
from pressmark.discover.drafted_source import sources_at
from pressmark.discover.inspect import FoundForum, UnfitUrl
from pressmark.discover.propose import ProposalOptions, name_of, propose, rhythm
from pressmark.discover.visit import SiteUnreachable

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper() as newspaper:
        yield newspaper


def test_the_front_page_of_a_newspaper_is_archived_by_its_feed(paper: Newspaper) -> None:
    seen = look_at(paper.url)
    found = proposed(seen)

    assert found.source.walk == "feed"
    assert found.source.seeds == (f"{paper.url}/feed.xml", f"{paper.url}/")
    assert set(found.first[2:]) == {paper.url + article.path for article in paper.articles[:20]}
    assert {feed.url for feed in seen.feeds} == {f"{paper.url}/feed.xml", f"{paper.url}/atom.xml"}
    assert [len(sitemap.pages) for sitemap in seen.sitemaps] == [len(paper.articles) + 5]


def test_a_section_becomes_a_listing_of_the_pages_below_it(paper: Newspaper) -> None:
    found = proposed(look_at(f"{paper.url}/technology/"))

    assert found.source.walk == "listing"
    assert found.source.scope.include == ("/technology/",)
    assert f"{paper.url}/technology/page/2/" in found.first
    assert found.open_ended


def test_a_feed_and_a_sitemap_are_walked_as_such(paper: Newspaper) -> None:
    assert proposed(look_at(f"{paper.url}/atom.xml")).source.walk == "feed"
    assert proposed(look_at(f"{paper.url}/sitemap-articles.xml")).source.walk == "sitemap"


def test_an_article_is_a_page(paper: Newspaper) -> None:
    found = proposed(look_at(paper.url_of("harbour-fog-signal")))

    assert found.source.walk == "page"
    assert found.first == (paper.url_of("harbour-fog-signal"),)


def test_auto_is_proposed_for_a_page_that_scripts_fill_with_the_reason(paper: Newspaper) -> None:
    shell = "<!doctype html><title>t</title><div id=root></div><script src=/app.js></script>"
    with serving({"/": Reply(body=shell)}) as site:
        seen = look_at(f"{site.url}/")
    found = proposed(seen)
    static = proposed(look_at(paper.url))

    assert found.source.fetch == "auto"
    assert "\nfetch: auto" in draft(found, seen, at=NOW)
    assert 'the empty element "root"' in draft(found, seen, at=NOW)
    assert static.source.fetch == "http"


def test_urls_that_robots_txt_forbids_are_shown_separately(paper: Newspaper) -> None:
    found = proposed(look_at(paper.url), ProposalOptions(walk="site", addresses=LOOPBACK))

    assert found.forbidden == (f"{paper.url}/search?q=tide",)


def test_the_draft_reads_back_as_the_source_with_its_reasons_beside_it(paper: Newspaper) -> None:
    for path in ("/", "/technology/", "/about.html", "/sitemap.xml"):
        seen = look_at(paper.url + path)
        for wish in (
            ProposalOptions(addresses=LOOPBACK),
            ProposalOptions(name="gazette", walk="site", cron="0 */6 * * *", ports=(8900,)),
        ):
            found = proposed(seen, wish)
            text = draft(found, seen, at=NOW)

            assert parse_sources(text) == (found.source,)
            assert "# Written by" in text


def test_a_source_given_as_data_is_written_as_yaml(paper: Newspaper) -> None:
    source = proposed(look_at(f"{paper.url}/technology/")).source

    facts = source.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert parse_sources(plain_text(facts)) == (source,)


def test_forbidden_addresses_are_not_inspected(paper: Newspaper) -> None:
    paper.forget()
    with pytest.raises(AddressForbidden):
        look_at(paper.url, allowed=False)

    assert paper.asked == []


def test_a_missing_site_is_reported_in_a_sentence(paper: Newspaper) -> None:
    with pytest.raises(SiteUnreachable, match="it returned status 404"):
        look_at(f"{paper.url}/nothing")
    with pytest.raises(SiteUnreachable, match=r"could not be fetched: Connection refused$"):
        look_at("http://127.0.0.1:9/", allowed=True)
    with pytest.raises(UnfitUrl):
        look_at("ftp://example.org/")


def test_a_name_is_derived_from_the_host() -> None:
    assert name_of("https://www.example.org/news/") == "example-org"
    assert name_of("http://127.0.0.1:8900/") == "127-0-0-1"


def test_an_impossible_wish_is_reported_with_its_key(paper: Newspaper) -> None:
    with pytest.raises(ConfigError, match="every"):
        proposed(look_at(paper.url), ProposalOptions(every="often"))


def test_a_name_that_is_taken_gets_a_number(paper: Newspaper) -> None:
    found = propose(look_at(paper.url), ProposalOptions(), user_agent=AGENT, taken=["127-0-0-1", "127-0-0-1-2"])

    assert found.source.name == "127-0-0-1-3"


@pytest.mark.parametrize(("gap", "every"), [(20, 1), (300, 6), (2000, 24)])
def test_a_site_that_changes_often_is_crawled_often(gap: int, every: int) -> None:
    dates = [NOW - timedelta(minutes=gap * number) for number in range(10)]

    assert rhythm(dates) == timedelta(hours=every)


def test_meaningless_dates_give_no_rhythm() -> None:
    assert rhythm([NOW, NOW, NOW, NOW, NOW]) is None
    assert rhythm([]) is None


def test_a_forum_is_archived_by_its_boards(tmp_path: Path) -> None:
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


def test_a_forum_with_rewritten_urls_and_a_feed_is_archived_by_its_boards() -> None:
    plain = next(page for page in forum_pages() if str(page) == "mybb index")
    feed = '<link rel=alternate type=application/rss+xml href="/syndication.php">'
    with serving() as site:
        body = rewritten(REWRITTEN["mybb"])(plain.html).replace(HOST, site.url).replace("</head>", f"{feed}</head>")
        site.routes |= {"/": Reply(body=body), "/syndication.php": Reply(body=RSS, type="application/rss+xml")}
        front = look_at(f"{site.url}/")

        assert front.forum == FoundForum("mybb", (f"{site.url}/forum-2.html",), ())
        assert proposed(front).source.walk == "forum"


def test_the_forecast_names_the_addresses_that_a_first_run_requests() -> None:
    board = Board(tells_origin=True, sessions=(f"&amp;sid={number:032x}" for number in count()))
    for thread in range(1, 4):
        board.write(thread, "post")
    with serving() as site:
        board.serve(site)
        found = proposed(look_at(f"{site.url}/viewforum.php?f=1"))

        threads = [f"{site.url}/viewtopic.php?t={thread}" for thread in (3, 2, 1)]
        assert found.first == (f"{site.url}/viewforum.php?f=1", *threads)


def test_the_comments_of_a_file_are_correct_and_leave_urls_whole() -> None:
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


def sitemap_of(*urls: str, more: str = "") -> Reply:
    entries = "".join(f"<url><loc>{url}</loc>{more}</url>" for url in urls)
    return Reply(body=f'<urlset xmlns:news="n">{entries}</urlset>', type="application/xml")


@pytest.mark.parametrize("robots", ["", "Sitemap: /all.xml\nSitemap: /sitemap.xml"])
def test_a_sitemap_walk_begins_with_the_index_although_only_a_few_sitemaps_were_inspected(robots: str) -> None:
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


def test_an_inspected_sitemap_is_all_that_a_walk_finds() -> None:
    with serving() as site:
        site.routes |= {"/": Reply(body="<html><p>News</p></html>"), "/sitemap.xml": sitemap_of("/one")}
        found = proposed(look_at(f"{site.url}/"))

        assert (found.source.seeds, found.open_ended) == ((f"{site.url}/sitemap.xml", f"{site.url}/"), False)
        assert found.first[2:] == (f"{site.url}/one",)
        assert found.kept.startswith("Pressmark will archive this page and the pages listed in the sitemaps. ")
        assert found.forecast == "3 pages: this page, the sitemaps and the pages they list"


def test_a_site_with_a_news_sitemap_and_no_feed_is_archived_by_it_as_often_as_it_has_news() -> None:
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
def test_the_language_of_a_page_that_names_none_is_detected_from_its_text(text: str, language: str | None) -> None:
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
        ("/", "site", "all pages of the site", "at least "),
        ("/technology/", None, "this list, its further pages", "at least "),
        (
            "/sitemap-articles.xml",
            None,
            "the pages listed in the sitemaps",
            "pages: the sitemaps and the pages they list",
        ),
        ("/about.html", "page", "only this page", "1 page: the page at this URL"),
    ],
)
def test_the_archived_part_the_way_to_archive_all_and_the_kind_of_forecast_are_shown(
    paper: Newspaper, path: str, wish: Any, kept: str, forecast: str
) -> None:
    seen = look_at(paper.url + path)
    found = proposed(seen, ProposalOptions(walk=wish, addresses=LOOPBACK))
    text = " ".join(draft(found, seen, at=NOW).replace("\n#", "").split())

    assert found.kept.startswith(f"Pressmark will archive {kept}")
    assert forecast in found.forecast
    assert ("--walk site" in found.kept) == (found.source.walk != "site")
    assert " ".join(found.kept.split()) in text


@pytest.mark.parametrize("walk", ["site", "page", None])
def test_below_a_directory_the_walk_site_promises_no_page_outside_it(paper: Newspaper, walk: Any) -> None:
    below = f"{paper.url}/technology/"
    found = proposed(look_at(below), ProposalOptions(walk=walk, addresses=LOOPBACK))

    assert f"all pages below {below}" in found.kept
    assert "the site that it finds" not in found.kept
    assert (f"To archive the whole site instead, add {paper.url}/" in found.kept) == (walk == "site")
    scope = Scope(found.source.model_copy(update={"walk": "site"}), [below])
    assert scope.why_outside(f"{below}x.html", requisite=False) is None
    assert scope.why_outside(f"{paper.url}/about.html", requisite=False) == "outside"


def test_a_feed_given_as_the_url_is_the_only_seed(paper: Newspaper) -> None:
    found = proposed(look_at(f"{paper.url}/atom.xml"))

    assert found.source.seeds == (f"{paper.url}/atom.xml",)
    assert found.kept.startswith("Pressmark will archive the feed and the articles it lists")
