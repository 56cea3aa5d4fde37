"""What `pressmark why` says of the next request for a page is what the next run does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from crawling.site import Answer, Reply, html, redirect, serving
from journeys.household import Household, gazette


def test_a_page_that_no_interval_makes_due_is_not_reported_as_due(household: Household) -> None:
    with serving() as site:
        entries = (("/dated", "<lastmod>2020-01-01</lastmod>"), ("/undated", ""), ("/broken", ""), ("/gone", ""))
        urls = "".join(f"<url><loc>{site.url}{path}</loc>{date}</url>" for path, date in entries)
        site.routes["/s.xml"] = Reply(body=f"<urlset>{urls}</urlset>", type="application/xml")
        site.routes |= {"/dated": html(), "/undated": html(text="x"), "/broken": Reply(500)}
        household.source(
            "news",
            f"source: news\nseeds: ['{site.url}/s.xml']\nwalk: sitemap\npoliteness: {{delay: 0s, retries: 0}}\n"
            "addresses: [127.0.0.0/8]\n",
        )

        household.run("run", "news", code=3)
        told = {
            path: household.look("why", site.url + path, "--json").json["sources"][0]
            for path in ("/s.xml", *(path for path, _ in entries))
        }
        site.asked.clear()
        household.run("run", "news", code=3)
        asked = [path for path in site.paths if path != "/robots.txt"]
        again = household.look("runs", "list", "--json").json["items"][0]["completeness"]

    at_once = {path for path, one in told.items() if "seed" in one["because"] or "the next run tries" in one["because"]}
    assert at_once == set(asked) == {"/s.xml", "/broken"}
    assert {path: one["due_at"] is None for path, one in told.items()} == {
        "/s.xml": True,
        "/dated": True,
        "/undated": False,
        "/broken": True,
        "/gone": False,
    }
    assert told["/dated"]["because"].startswith("a feed or sitemap says when the page last changed")
    assert told["/gone"]["because"].startswith(
        "the server did not find the page; the time between two fetches is always between 6 hours and 30 days"
    )
    assert (again["known"], set(again["missing"])) == (2, {"500 Internal Server Error", "gone"})


ARTICLES = [f"<h2><a href='/news/{n}'>The harbour board met for the {n}th time this year</a></h2>" for n in range(1, 6)]
FRONT = Reply(body=f"<!doctype html><title>Harbour News</title>{''.join(ARTICLES)}")


DUE_IN = re.compile(r"(?<=first run that starts at least )[0-9a-z ]+?(?= from now)")
"""It is one second less when the next command runs."""


def told_of(household: Household, url: str) -> dict[str, Any]:
    [one] = household.look("why", url, "--json").json["sources"]
    return {**one, "because": DUE_IN.sub("a while", one["because"])}


def test_a_page_is_known_by_each_of_its_spellings(household: Household) -> None:
    with serving({"/": FRONT, "/news/%D0%C2": html()}) as site:
        site.routes["/"] = Reply(body="".join(ARTICLES).replace("/news/2", "/news/%D0%C2"))
        household.source("gazette", gazette(f"{site.url}/", walk="listing"))
        household.run("run", "gazette")
        as_asked, small, part = (
            told_of(household, f"{site.url}/{rest}") for rest in ("news/%D0%C2", "news/%d0%c2", "news/%D0%C2#part")
        )

    assert as_asked["fetched_at"]
    assert as_asked["because"].startswith("the page was new")
    assert "the first run that starts at least a while from now fetches the page" in as_asked["because"]
    assert small == part == as_asked


def test_a_page_that_robots_txt_forbids_is_not_reported_as_requested(household: Household) -> None:
    rules = Reply(body="User-agent: *\nDisallow: /news/2\n", type="text/plain")
    with serving({"/": FRONT, "/news/1": html(), "/robots.txt": rules}) as site:
        household.source("gazette", gazette(f"{site.url}/", walk="listing"))
        household.run("run", "gazette")
        forbidden, allowed = (told_of(household, f"{site.url}/news/{n}") for n in (2, 9))

    assert forbidden["because"] == "the settings of this source exclude the page, so Pressmark does not fetch it"
    assert allowed["because"] == (
        "Pressmark has never fetched the page; the next run that finds a link to the page fetches it"
    )


def test_a_page_belongs_to_its_source_although_the_seed_has_moved_within_its_site(household: Household) -> None:
    old, new = "http://harbour.example", "http://www.harbour.example"
    pages: dict[str, Answer] = {f"{new}/news/{n}": html(text=f"{n}") for n in range(1, 6)}
    with serving({f"{old}/": redirect(f"{new}/", 301), f"{new}/": FRONT, **pages}) as site:
        household.source("gazette", gazette(f"{old}/", walk="listing", more=f"proxy: {site.url}\n"))
        household.run("run", "gazette")
        kept = told_of(household, f"{new}/news/1")
        elsewhere = household.look("why", "http://other.harbour.example/", "--json").json

    assert (kept["scope"]["allowed"], kept["because"][:16]) == (True, "the page was new")
    assert elsewhere["sources"] == []


def test_an_internationalised_host_is_that_of_its_pages(household: Household) -> None:
    asked, further = "http://xn--fiqs8s.example", "http://xn--55qx5d.example"
    routes = {f"{asked}/": html(f"{further}/1", f"{asked}/2"), f"{further}/1": html(), f"{asked}/2": html()}
    with serving(routes) as site:
        more = f"scope: {{hosts: ['公司.example']}}\nproxy: {site.url}\n"
        household.source("gazette", gazette("http://中国.example/", more=more))
        household.run("run", "gazette")
        told = [told_of(household, f"{host}/{page}") for host, page in ((further, 1), ("http://中国.example", 2))]
        run = household.run("archive", f"{asked}:80/2", "--json").json["items"][0]

    assert [one["scope"]["allowed"] for one in told] == [True, True]
    assert site.times(f"{further}/1") == 1
    assert run["source"] == "gazette"


def test_a_sitemap_on_another_host_is_reported_as_requested_if_one_leads_to_it(household: Household) -> None:
    ours, theirs = "http://harbour.example", "http://maps.example"
    index = f"<sitemapindex><sitemap><loc>{theirs}/1.xml</loc></sitemap></sitemapindex>"
    urls = f"<urlset><url><loc>{ours}/a</loc></url></urlset>"
    routes: dict[str, Answer] = {
        f"{ours}/s.xml": Reply(body=index, type="application/xml"),
        f"{theirs}/1.xml": Reply(body=urls, type="application/xml"),
        f"{ours}/a": html(),
    }
    with serving(routes) as site:
        household.source("gazette", gazette(f"{ours}/s.xml", walk="sitemap", more=f"proxy: {site.url}\n"))
        household.run("run", "gazette")
        outside = told_of(household, f"{theirs}/1.xml")
        more = f"scope: {{exclude: ['{theirs}/']}}\nproxy: {site.url}\n"
        household.source("gazette", gazette(f"{ours}/s.xml", walk="sitemap", more=more))
        household.run("run", "gazette")
        excluded = told_of(household, f"{theirs}/1.xml")

    assert site.times(f"{theirs}/1.xml") == 2
    led_to = (
        "the settings of this source exclude the page; Pressmark fetches it only if a start URL redirects to it, "
        "or if the sitemap of the site lists it as a translation of another page"
    )
    assert {outside["because"], excluded["because"]} == {led_to}


@pytest.mark.costly
def test_a_document_of_a_series_is_due_like_a_page_once_the_site_has_it(household: Household) -> None:
    with serving() as site:
        site.routes["/1.pdf"] = Reply(body=b"%PDF-1.4 report", type="application/pdf")
        household.source(
            "reports",
            f"source: reports\nseeds: ['{site.url}/{{number}}.pdf']\nwalk: series\n"
            "series: {each: number, first: 1, last: 2}\npoliteness: {delay: 0s}\naddresses: [127.0.0.0/8]\n",
        )
        household.run("run", "reports")

        there, missing = (told_of(household, f"{site.url}/{number}.pdf") for number in (1, 2))

    assert there["scope"]["reason"] == "the page is document 1 of the series"
    assert there["because"].startswith("the page was new")
    assert missing["because"] == "each run requests this document of the series until the site has it"
