"""What `pressmark why` says of the next request for a page is what the next run does."""

from __future__ import annotations

from crawling.site import Reply, html, serving
from journeys.household import Household


def test_a_page_that_no_interval_makes_due_is_not_said_to_be_due(household: Household) -> None:
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

    at_once = {path for path, one in told.items() if "seed" in one["because"] or "the next run" in one["because"]}
    assert at_once == set(asked) == {"/s.xml", "/broken"}
    assert {path: one["due_at"] is None for path, one in told.items()} == {
        "/s.xml": True,
        "/dated": True,
        "/undated": False,
        "/broken": True,
        "/gone": False,
    }
    assert told["/dated"]["because"].startswith("its list says when it last changed, and is believed")
    assert told["/gone"]["because"].startswith("it was not there, within 6:00:00 and 30 days")
    assert (again["known"], set(again["missing"])) == (2, {"500 Internal Server Error", "gone"})
