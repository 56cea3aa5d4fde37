"""The walk `feed`: the items of a feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from crawling.crawls import Run, source
from crawling.site import ETAG, Reply, Site, html, once_changed, redirect


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


def test_an_item_updated_since_is_fetched_again(site: Site, run: Run) -> None:
    site.routes |= {"/feed": rss(site, ("/a", LONG_AGO), ("/b", LONG_AGO)), "/a": html(), "/b": html()}
    run(source(f"{site.url}/feed", walk="feed"))
    site.asked.clear()
    later = datetime.now(UTC) + timedelta(hours=1)
    site.routes |= {"/feed": rss(site, ("/a", LONG_AGO), ("/b", later)), "/b": html(text="new")}

    outcome = run(source(f"{site.url}/feed", walk="feed"))

    assert site.paths == ["/feed", "/b"]
    assert outcome.outcome == "done"


def test_an_unchanged_feed_is_one_request(site: Site, run: Run) -> None:
    feed = rss(site, ("/a", LONG_AGO))
    site.routes |= {
        "/feed": once_changed(Reply(body=feed.body, type=feed.type, headers=ETAG)),
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


def test_the_run_reports_a_feed_that_has_become_a_page(site: Site, run: Run) -> None:
    site.routes |= {"/feed": redirect("/", 301), "/": html("/a", "/b"), "/a": html()}

    outcomes = [run(source(f"{site.url}/feed", walk="feed", keep={"requisites": True})) for _ in range(2)]

    assert {outcome.outcome for outcome in outcomes} == {"partial"}
    assert {outcome.reason for outcome in outcomes} == {
        "the start URLs of the source are ordinary pages, not feeds or sitemaps; choose another walk (crawl method)"
    }
    assert site.times("/a") == 0


def test_a_feed_that_is_served_as_html_is_a_feed(site: Site, run: Run) -> None:
    item = f"<item><link>{site.url}/a</link></item>"
    site.routes |= {"/feed": Reply(body=f"<rss version='2.0'><channel>{item}</channel></rss>"), "/a": html()}

    assert [run(source(f"{site.url}/feed", walk="feed")).outcome for _ in range(2)] == ["done", "unchanged"]


def test_a_page_in_place_of_a_feed_is_reported_even_if_it_is_unchanged(site: Site, run: Run) -> None:
    site.routes["/feed"] = once_changed(Reply(body=html("/a").body, headers=ETAG))

    outcomes = [run(source(f"{site.url}/feed", walk="feed")) for _ in range(2)]

    assert outcomes[1].revisits == 1
    assert {outcome.outcome for outcome in outcomes} == {"partial"}


@pytest.mark.parametrize("kind", ["application/rss+xml", "text/html"])
def test_an_unchanged_feed_beside_a_page_is_recognised_as_a_feed(site: Site, run: Run, kind: str) -> None:
    feed = rss(site, ("/a", LONG_AGO))
    site.routes |= {"/feed": once_changed(Reply(body=feed.body, type=kind, headers=ETAG)), "/": html(), "/a": html()}

    outcomes = [run(source(f"{site.url}/feed", f"{site.url}/", walk="feed")) for _ in range(2)]

    assert outcomes[1].revisits
    assert [outcome.outcome for outcome in outcomes] == ["done", "unchanged"]
