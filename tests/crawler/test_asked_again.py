"""When runs request pages again, by what they remember of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from crawling.crawls import Run, archiving, source
from crawling.site import ETAG, Asked, Reply, Site, html, once_changed, redirect

from archive.database.engine import Database, open_database
from archive.index.pages import Last, Pages

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    yield database
    database.close()


@pytest.fixture
def run(tmp_path: Path, database: Database) -> Iterator[Run]:
    with archiving() as archive:
        yield Run(tmp_path, archive, memory=Pages(database))


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def listing(*paths: str) -> Reply:
    items = "".join(
        f"<article><h2><a href={path}>The long title of the article at {path}</a></h2><time>x</time></article>"
        for path in paths
    )
    return Reply(body=f"<!doctype html><body><main>{items}</main></body>")


def later(run: Run, monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """Move the clock of the next runs."""
    clock = Clock()
    clock.ahead = ahead
    monkeypatch.setattr("crawling.crawls.now", clock)


def test_a_page_is_requested_again_when_it_is_due_and_not_before(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes |= {"/": listing("/a", "/b"), "/a": html(text="a"), "/b": html(text="b")}
    kept = source(f"{site.url}/", walk="listing", timetable={"every": "1h", "adaptive": {"min": "2h", "max": "9h"}})

    run(kept)
    later(run, monkeypatch, 1 * HOUR)
    second = run(kept)
    assert site.paths == ["/", "/a", "/b", "/"]
    assert second.dropped == {"not-due": 2}

    later(run, monkeypatch, 3 * HOUR)
    site.routes["/b"] = html(text="another b")
    run(kept)
    assert site.paths[4:] == ["/", "/a", "/b"]
    known = Pages(database).recall("test", [f"{site.url}/a", f"{site.url}/b"])
    assert [(one.last, one.interval) for one in known.values()] == [("unchanged", 3 * HOUR), ("changed", 2 * HOUR)]


def test_every_page_is_requested_each_time_without_a_memory(site: Site, tmp_path: Path) -> None:
    site.routes |= {"/": listing("/a"), "/a": html()}
    with archiving() as archive:
        run = Run(tmp_path, archive)
        for _ in range(2):
            run(source(f"{site.url}/", walk="listing"))

    assert site.paths == ["/", "/a"] * 2


def test_a_page_that_differs_only_in_its_numbers_is_unchanged(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(range(100))
    site.routes["/"] = listing("/a")
    site.routes["/a"] = lambda asked: html(
        text=f"said 3 hours ago, {next(answers)} readers<script>{next(answers)}</script>"
    )
    kept = source(f"{site.url}/", walk="listing")
    run(kept)
    later(run, monkeypatch, DAY)
    run(kept)

    assert Pages(database).recall("test", [f"{site.url}/a"])[f"{site.url}/a"].last == "unchanged"


def test_a_gone_page_is_remembered_as_gone(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes |= {"/": listing("/a", "/b"), "/a": Reply(410), "/b": Reply(404)}
    kept = source(f"{site.url}/", walk="listing")
    run(kept)
    later(run, monkeypatch, 2 * DAY)
    run(kept)

    assert site.paths == ["/", "/a", "/b", "/", "/b"]
    known = Pages(database).recall("test", [f"{site.url}/a", f"{site.url}/b"])
    assert [(one.last, one.misses) for one in known.values()] == [("gone", 3), ("gone", 2)]


def test_what_a_run_learns_is_saved_whatever_its_number(site: Site, run: Run, database: Database) -> None:
    paths = [f"/a{n}" for n in range(450)]
    site.routes["/"] = listing(*paths)
    site.otherwise = html(text="x")

    run(source(f"{site.url}/", walk="listing", politeness={"concurrency": 8}))

    assert len(Pages(database).recall("test", [site.url + path for path in ("/", *paths)])) == 451


def test_an_adaptive_site_is_followed_through_its_archived_copies(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes |= {"/": html("/a"), "/a": html("/b"), "/b": html()}
    kept = source(f"{site.url}/", walk="site", timetable={"adaptive": {"min": "2h"}})
    run(kept)
    site.routes["/b"] = html("/c")
    later(run, monkeypatch, HOUR)
    run(kept)
    assert site.paths == ["/", "/a", "/b", "/"]

    plain = source(f"{site.url}/", walk="site", timetable={"every": "1h"})
    run(plain)
    assert site.paths[4:] == ["/", "/a", "/b", "/c"]


def test_a_barred_page_is_requested_in_full_and_does_not_affect_comparisons(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(body="<title>Just a moment...</title><p>Checking your browser</p>", headers=(("ETag", '"no"'),))

    site.routes |= {"/": listing("/a"), "/a": html(text="the text")}
    kept = source(f"{site.url}/", walk="listing")
    run(kept)
    good = Pages(database).recall("test", [f"{site.url}/a"])[f"{site.url}/a"]
    site.routes["/a"] = answer
    later(run, monkeypatch, DAY)
    run(kept)
    barred = Pages(database).recall("test", [f"{site.url}/a"])[f"{site.url}/a"]
    assert (barred.last, barred.verdict, barred.signature) == ("barred", "captcha", good.signature)

    site.routes["/a"] = html(text="the text")
    later(run, monkeypatch, 2 * DAY)
    run(kept)
    assert "if-none-match" not in site.last("/a").headers
    assert Pages(database).recall("test", [f"{site.url}/a"])[f"{site.url}/a"].last == "unchanged"


def test_a_later_change_given_by_a_feed_is_fetched_even_if_our_clock_puts_it_before_the_last_fetch(
    site: Site, run: Run
) -> None:
    """A site that labels its local time as UTC, or was slow to publish its feed."""

    def feed(minutes: int) -> Reply:
        at = (NOW - 3 * 365 * DAY + timedelta(minutes=minutes)).isoformat()
        entry = f'<entry><id>a</id><title>a</title><link href="{site.url}/a"/><updated>{at}</updated></entry>'
        return Reply(body=f'<feed xmlns="http://www.w3.org/2005/Atom"><title>f</title>{entry}</feed>', type="text/xml")

    site.routes |= {"/feed": feed(0), "/a": html(text="one")}
    run(source(f"{site.url}/feed", walk="feed"))
    site.asked.clear()
    site.routes |= {"/feed": feed(1), "/a": html(text="two")}
    run(source(f"{site.url}/feed", walk="feed"))
    run(source(f"{site.url}/feed", walk="feed"))

    assert site.paths == ["/feed", "/a", "/feed"]


def test_a_page_missing_when_its_sitemap_gave_a_change_is_requested_when_it_is_due(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sitemap(day: int) -> Reply:
        urls = "".join(f"<url><loc>{site.url}{path}</loc><lastmod>2020-01-0{day}</lastmod></url>" for path in paths)
        return Reply(body=f"<urlset>{urls}</urlset>", type="application/xml")

    paths = ("/gone", "/barred", "/there")
    site.routes |= {"/s.xml": sitemap(1)} | {path: html(text=path) for path in paths}
    kept = source(f"{site.url}/s.xml", walk="sitemap")
    run(kept)
    site.routes |= {"/s.xml": sitemap(2), "/gone": Reply(404), "/barred": Reply(403)}
    run(kept)
    site.routes |= {path: html(text=f"{path}, changed") for path in paths}
    site.asked.clear()
    later(run, monkeypatch, 5 * HOUR)
    run(kept)
    assert site.paths == ["/s.xml"]
    later(run, monkeypatch, 2 * DAY)
    run(kept)

    assert sorted(site.paths) == ["/barred", "/gone", "/s.xml", "/s.xml"]


def test_a_page_that_redirects_to_a_missing_page_is_requested_when_due_and_is_dead_after_three_times(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> tuple[Last, int]:
        one = Pages(database).recall("test", [f"{site.url}/a"])[f"{site.url}/a"]
        return one.last, one.misses

    def sitemap(day: int) -> Reply:
        url = f"<url><loc>{site.url}/a</loc><lastmod>2020-01-0{day}</lastmod></url>"
        return Reply(body=f"<urlset>{url}</urlset>", type="application/xml")

    site.routes |= {"/s.xml": sitemap(1), "/a": html(text="a")}
    kept = source(f"{site.url}/s.xml", walk="sitemap")
    run(kept)
    site.routes |= {"/s.xml": sitemap(2), "/a": redirect("/gone"), "/gone": Reply(404)}
    remembered = []
    for days in range(3):
        later(run, monkeypatch, 2 * days * DAY)
        run(kept)
        remembered.append(known())
    later(run, monkeypatch, 8 * DAY)
    run(kept)

    assert remembered == [("gone", 1), ("gone", 2), ("gone", 3)]
    assert site.times("/a") == 4

    later(run, monkeypatch, 40 * DAY)
    site.routes["/a"] = redirect("/b")
    site.routes["/b"] = html(text="a, elsewhere")
    run(kept)
    assert known() == ("moved", 0)


def test_a_page_that_redirects_to_a_gone_page_is_dead_at_once_and_alive_when_that_returns(
    site: Site, run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> dict[str, tuple[Last, int]]:
        states = Pages(database).recall("test", [site.url + path for path in paths])
        return {url.removeprefix(site.url): (one.last, one.misses) for url, one in states.items()}

    paths = ("/a", "/b", "/c")
    site.routes |= {"/": listing(*paths), "/a": redirect("/gone"), "/b": redirect("/a"), "/c": redirect("/missing")}
    site.routes |= {"/gone": Reply(410), "/missing": Reply(404)}
    kept = source(f"{site.url}/", walk="listing")
    run(kept)
    assert known() == {"/a": ("gone", 3), "/b": ("gone", 3), "/c": ("gone", 1)}
    before = [site.times(path) for path in paths]

    later(run, monkeypatch, 2 * DAY)
    run(kept)
    assert known() == {"/a": ("gone", 3), "/b": ("gone", 3), "/c": ("gone", 2)}
    assert [site.times(path) - times for path, times in zip(paths, before, strict=True)] == [0, 0, 1]

    later(run, monkeypatch, 40 * DAY)
    site.routes["/gone"] = html(text="a, again")
    run(kept)
    assert known() == {"/a": ("moved", 0), "/b": ("moved", 0), "/c": ("gone", 3)}


def test_a_page_that_redirected_before_it_became_a_target_is_requested_again_in_the_same_run(
    site: Site, run: Run, database: Database
) -> None:
    """So a gate with a cookie is passed, and the end of a chain is known whichever of its redirects comes first."""

    def page(asked: Asked) -> Reply:
        return html() if "ok=1" in asked.headers.get("cookie", "") else redirect("/gate")

    site.routes |= {"/": listing("/a"), "/a": page, "/gate": redirect("/a", 302, ("Set-Cookie", "ok=1"))}
    done = run(source(f"{site.url}/", walk="listing"))

    assert done.dropped == {}
    assert site.paths == ["/", "/a", "/gate", "/a"]
    known = Pages(database).recall("test", [f"{site.url}/a"])
    assert [one.last for one in known.values()] == ["changed"]


def test_a_run_of_everything_also_requests_pages_that_are_not_due(site: Site, run: Run) -> None:
    site.routes |= {"/": listing("/a", "/b"), "/a": html(text="a"), "/b": once_changed(html(text="b"))}
    kept = source(f"{site.url}/", walk="listing", timetable={"every": "1h", "adaptive": {"min": "2h", "max": "9h"}})
    run(kept)
    site.routes["/a"] = html(text="a, corrected")

    usual, whole = run(kept), run(kept, everything=True)

    assert usual.dropped == {"not-due": 2}
    assert site.paths == ["/", "/a", "/b", "/", "/", "/a", "/b"]
    assert (whole.outcome, whole.pages, whole.dropped) == ("done", 3, {})


def rss(*paths: str) -> Reply:
    items = "".join(f"<item><link>{path}</link></item>" for path in paths)
    return Reply(body=f"<rss><channel>{items}</channel></rss>", type="application/rss+xml", headers=ETAG)


def sitemap(*paths: str) -> Reply:
    urls = "".join(f"<url><loc>{path}</loc><lastmod>2026-01-31</lastmod></url>" for path in paths)
    return Reply(body=f"<urlset>{urls}</urlset>", type="application/xml", headers=ETAG)


@pytest.mark.parametrize("walk", ["feed", "sitemap", "listing", "site"])
def test_a_run_of_everything_fetches_the_same_pages_for_each_walk_although_their_list_did_not_change(
    site: Site, run: Run, walk: str
) -> None:
    urls = [f"{site.url}/a", f"{site.url}/b"]
    lists = {"feed": rss, "sitemap": sitemap, "listing": listing, "site": html}
    site.routes["/"] = once_changed(replace(lists[walk](*urls), headers=ETAG))
    site.routes |= {path: once_changed(replace(html(text=path), headers=ETAG)) for path in ("/a", "/b")}
    kept = source(f"{site.url}/", walk=walk)
    run(kept)
    asked = len(site.asked)

    whole = run(kept, everything=True)

    assert (site.paths[asked:], whole.dropped) == (["/", "/a", "/b"], {})
    assert all(one.headers.get("if-none-match") for one in site.asked[asked:] if one.path != "/")


def test_a_run_of_everything_reads_the_further_pages_of_an_unchanged_list(site: Site, run: Run) -> None:
    first = Reply(body=str(listing("/a").body).replace("</main>", "</main><a rel=next href=/2>Next page</a>"))
    site.routes |= {"/": first, "/2": listing("/b"), "/a": html(text="a"), "/b": html(text="b")}
    kept = source(f"{site.url}/", walk="listing")
    run(kept)
    asked = len(site.asked)

    run(kept)
    run(kept, everything=True)

    assert site.paths[asked:] == ["/", "/", "/2", "/a", "/b"]


@pytest.mark.parametrize("walk", ["feed", "listing", "site"])
def test_a_run_in_full_never_sends_conditions(site: Site, run: Run, walk: str) -> None:
    """A server may be wrong: it answers 304 although its page has changed."""
    lists = {"feed": rss, "listing": listing, "site": html}
    site.routes["/"] = once_changed(replace(lists[walk](f"{site.url}/a"), headers=ETAG))
    site.routes["/a"] = once_changed(replace(html(text="a"), headers=ETAG))
    kept = source(f"{site.url}/", walk=walk)
    run(kept)
    site.routes["/a"] = once_changed(replace(html(text="a, corrected"), headers=ETAG))
    asked = len(site.asked)

    whole, full = run(kept, everything=True), run(kept, everything=True, in_full=True)

    assert (whole.outcome, full.outcome) == ("unchanged", "done")
    assert not any(one.headers.get("if-none-match") for one in site.asked[asked + 2 :])
