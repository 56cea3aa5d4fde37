"""One page under many addresses: requested once in a walk, and found again under each."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.crawls import Run, now, source
from crawling.site import Asked, Reply, Site, html, serving

from archive.database.engine import Database, open_database
from archive.index.aliases import Alias, Aliases
from archive.index.index import Index
from archive.index.pages import Pages

SESSION = "0123456789abcdef0123456789abcdef"
TWINS = (
    "?utm_source=feed",
    "?replytocom=3",
    "?print=1",
    "/print",
    "/amp/",
    "?amp=1",
    "/",
    ";jsessionid=A1",
    f"?PHPSESSID={SESSION}",
    f"?sid={SESSION}",
)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site of ten pages; each link to them is spelled differently, and every spelling is answered."""

    def answer(asked: Asked) -> Reply:
        return html(text=asked.path)

    with serving(host="127.0.0.2") as site:
        links = [f"/2026/story-{n}{twin}" for twin in TWINS for n in range(10)]
        site.routes["/"] = html(*links, *(f"/read.php?id={n}" for n in range(10)))
        site.otherwise = answer
        yield site


def stories(site: Site) -> list[str]:
    return [path for path in site.paths if path.startswith("/2026/")]


def test_each_page_is_requested_once_by_its_plain_address_and_different_pages_are_all_fetched(
    site: Site, run: Run
) -> None:
    outcome = run(source(f"{site.url}/", walk="site"))

    assert sorted(stories(site)) == [f"/2026/story-{n}" for n in range(10)]
    assert sorted(path for path in site.paths if path.startswith("/read")) == [f"/read.php?id={n}" for n in range(10)]
    assert (outcome.outcome, outcome.pages) == ("done", 21)


def test_each_spelling_is_requested_without_canonical_addresses(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.frontier.frontier.page_key", lambda url: url)

    run(source(f"{site.url}/", walk="site"))

    assert len(stories(site)) == 60


def test_a_page_that_exists_under_one_address_only_is_fetched(site: Site, run: Run) -> None:
    site.routes["/"] = html("/2026/story-1/print", "/2026/story-2", "/2026/story-2/")
    site.routes |= {"/2026/story-1": Reply(404), "/2026/story-2": Reply(404)}

    outcome = run(source(f"{site.url}/", walk="site"))

    assert sorted(stories(site)) == ["/2026/story-1", "/2026/story-1/print", "/2026/story-2", "/2026/story-2/"]
    assert outcome.pages == 3


# --- the address that only the page shows ---


def named(canonical: str, text: str = "x") -> Reply:
    return Reply(body=f'<!doctype html><head><link rel="canonical" href="{canonical}"></head><body>{text}</body>')


@pytest.fixture
def remembering(tmp_path: Path, run: Run) -> Iterator[Aliases]:
    database = open_database(f"sqlite:///{tmp_path / 'memory.db'}")
    run.facts["addresses"] = aliases = Aliases(database)
    yield aliases
    database.close()


def test_a_canonical_address_is_not_requested_after_the_page(site: Site, run: Run, remembering: Aliases) -> None:
    site.routes |= {"/": html("/node/7", "/a-title", "/other"), "/other": html("/a-title")}
    site.routes |= {path: named("/a-title") for path in ("/node/7", "/a-title")}
    kept = source(f"{site.url}/", walk="site", politeness={"concurrency": 1})

    first = run(kept)
    assert site.paths == ["/", "/node/7", "/other"]
    assert first.dropped["alias"] == 1
    assert remembering.of(f"{site.url}/a-title") == [Alias(f"{site.url}/node/7", f"{site.url}/a-title", "canonical")]

    site.routes["/"] = html("/a-title", "/node/7", "/other")
    run(kept)
    assert site.paths[3:] == ["/", "/a-title", "/other"]


def test_the_other_address_is_requested_when_the_fetched_one_is_gone(
    site: Site, run: Run, remembering: Aliases
) -> None:
    site.routes |= {"/": html("/node/7", "/a-title"), "/node/7": named("/a-title"), "/a-title": named("/a-title")}
    kept = source(f"{site.url}/", walk="site", politeness={"concurrency": 1})
    run(kept)
    site.routes["/node/7"] = Reply(404)
    site.asked.clear()

    run(kept)

    assert site.paths == ["/", "/node/7", "/a-title"]


def test_an_address_that_many_pages_claim_is_believed_for_none(site: Site, run: Run, remembering: Aliases) -> None:
    pages = [f"/p{n}" for n in range(5)]
    site.routes |= {"/": html(*pages)} | {path: named("/one-for-all") for path in pages}
    kept = source(f"{site.url}/", walk="site", politeness={"concurrency": 1})
    run(kept)
    run(kept)

    assert site.paths == ["/", *pages] * 2
    assert remembering.of(f"{site.url}/one-for-all") == []


def test_addresses_recognised_by_their_spelling_are_saved(site: Site, run: Run, remembering: Aliases) -> None:
    run(source(f"{site.url}/", walk="site"))

    found = {alias.url.removeprefix(site.url) for alias in remembering.of(f"{site.url}/2026/story-3")}
    assert found == {"/2026/story-3?print=1", "/2026/story-3/print", "/2026/story-3/amp/", "/2026/story-3?amp=1"}


def test_addresses_too_long_for_the_index_do_not_affect_the_other_pages(
    site: Site, run: Run, either: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """A seed may be of any length, and so may the address that a page names."""
    long = f"/{secrets.token_hex(2_000)}"
    addresses, memory = Aliases(either), Pages(either)
    run.facts |= {"addresses": addresses, "memory": memory, "index": Index(either, now=now)}
    site.routes |= {"/": html("/node/7", "/node/8"), "/node/7": named("/a-title"), "/node/8": named(long)}
    every_hour = {"every": "1h", "adaptive": {"min": "1h", "max": "30d"}}

    outcome = run(source(f"{site.url}/", f"{site.url}{long}", walk="site", timetable=every_hour))

    assert (outcome.outcome, outcome.pages) == ("done", 4)
    assert addresses.canonical_of([f"{site.url}/node/7"]) == {f"{site.url}/node/7": f"{site.url}/a-title"}
    assert f"{site.url}/node/7" in memory.recall("test", [f"{site.url}/node/7"])
    assert "could not be written" not in caplog.text
