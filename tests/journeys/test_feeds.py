"""Feeds of new and changed pages, as a feed reader reads them."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from journeys.household import QUICK, Household, Served
from specimens.versions import URL, Version, keep

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

TOKEN = "a token of these tests, and of nothing else"
BASIC = "Basic " + base64.b64encode(f"reader:{TOKEN}".encode()).decode()
FEEDS_TOKEN = "the token of a reader, which is for feeds"
READER = "Basic " + base64.b64encode(f"reader:{FEEDS_TOKEN}".encode()).decode()
HOSTILE = "The bell <script>alert(1)</script> rings ]]> \x00\x1b\ufffe\u202e &amp; stops."
OTHERS = 12


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    made = Household(
        tmp_path_factory.mktemp("feeds") / "home",
        {**QUICK, **database_of_module, "PRESSMARK_TOKEN": TOKEN, "PRESSMARK_FEEDS__TOKEN": FEEDS_TOKEN},
    )
    made.source("example", "source: example\nseeds: [https://example.org/]\nwalk: page\n")
    made.source("silent", "source: silent\nseeds: [https://silent.example/]\nwalk: page\nkeep: {collection: quiet}\n")
    with open_pressmark(load_settings({"home": str(made.home)})) as service:
        keep(
            service,
            tmp_path_factory.mktemp("warcs"),
            Version("The clock is right.\n3 hours ago"),
            Version("The clock is right.\n5 hours ago", minute=1),
            Version("The clock is wrong.\n6 hours ago", minute=2, facts={"author": "Ann & <b>Bob</b>"}),
            Version(HOSTILE, "https://example.org/hostile", minute=3, title="A <b>bold</b> title"),
            *(
                Version(f"Number {number}.", f"https://other.example/{number}", minute=4 + number, source="other")
                for number in range(OTHERS)
            ),
            Version("Elsewhere.", "https://elsewhere.example/", minute=30, source="far", collection="harbour"),
        )
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


def read(served: Served, path: str) -> Any:
    answer = served.get(path, Authorization=BASIC)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/atom+xml")
    parsed = feedparser.parse(answer.body, sanitize_html=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def links(entry: Any) -> dict[str, str]:
    return {one["rel"]: one["href"] for one in entry["links"]}


def test_a_feed_has_new_and_changed_pages_and_no_noise(served: Served) -> None:
    parsed = read(served, "/api/v1/feeds/sources/example")
    hostile, changed, new = parsed.entries

    assert parsed.version == "atom10"
    assert parsed.feed.id == "tag:pressmark.invalid,2026:feed/sources/example"
    assert parsed.feed.updated == "2026-01-31T12:03:00Z" == hostile.updated
    assert [entry.tags[0]["term"] for entry in parsed.entries] == ["new", "changed", "new"]
    assert (new.updated, changed.updated) == ("2026-01-31T12:00:00Z", "2026-01-31T12:02:00Z")
    assert changed.content[0]["value"] == "<p>The clock is <del>right</del><ins>wrong</ins>.</p>"
    assert changed.author == "Ann & <b>Bob</b>"
    assert links(changed)["alternate"] == f"{served.url}/snapshot/20260131120200/{URL}"
    assert links(changed)["related"] == f"{served.url}/diff/previous/20260131120200/{URL}"
    assert (links(changed)["via"], "related" in links(new)) == (URL, False)
    for href in (links(changed)["alternate"], links(changed)["related"]):
        path = href.removeprefix(served.url)
        assert served.get(path, Authorization=BASIC).status == 200


def test_foreign_content_is_text_in_a_feed(served: Served) -> None:
    hostile = read(served, "/api/v1/feeds/sources/example").entries[0]

    assert hostile.title == "A <b>bold</b> title"
    assert hostile.title_detail["type"] == "text/plain"
    assert "<script>" not in hostile.content[0]["value"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile.content[0]["value"]
    assert "\x1b" not in hostile.summary and hostile.summary_detail["type"] == "text/plain"


def test_a_feed_is_followed_page_by_page_to_its_end(served: Served) -> None:
    path, seen, pages = "/api/v1/feeds/collections/default?limit=5", [], 0
    while path:
        parsed = read(served, path)
        seen += [entry.id for entry in parsed.entries]
        pages += 1
        following = next((one["href"] for one in parsed.feed.links if one["rel"] == "next"), None)
        assert {one["rel"] for one in parsed.feed.links} >= {"self", "first", "alternate"}
        path = f"{urlsplit(following).path}?{urlsplit(following).query}&limit=5" if following else ""
    everything = read(served, "/api/v1/feeds/all").entries

    assert (len(seen), len(set(seen)), pages) == (OTHERS + 3, OTHERS + 3, 3)
    assert len(everything) == OTHERS + 4
    assert [entry.title for entry in read(served, "/api/v1/feeds/collections/harbour").entries] == ["The clock"]
    assert read(served, "/api/v1/feeds/sources/silent").entries == []


def test_a_repeated_request_gets_304(served: Served) -> None:
    first = served.get("/api/v1/feeds/all", Authorization=BASIC)
    again = served.get("/api/v1/feeds/all", Authorization=BASIC, If_None_Match=first.headers["ETag"])
    other = served.get("/api/v1/feeds/all?limit=1", Authorization=BASIC, If_None_Match=first.headers["ETag"])

    assert (again.status, again.body, other.status) == (304, b"", 200)


def test_a_feed_requires_access_to_the_api(served: Served) -> None:
    refused = served.get("/api/v1/feeds/all")
    wrong = served.get("/api/v1/feeds/all", Authorization="Basic " + base64.b64encode(b"reader:wrong").decode())
    elsewhere = served.get("/api/v1/captures?url=x")

    assert (refused.status, wrong.status) == (401, 401)
    assert 'Basic realm="pressmark"' in refused.headers["WWW-Authenticate"]
    assert "Basic" not in elsewhere.headers["WWW-Authenticate"]
    assert TOKEN not in served.log.read_text() and BASIC not in served.log.read_text()


@pytest.mark.parametrize("given", [READER, f"Bearer {FEEDS_TOKEN}"])
def test_the_feed_token_opens_only_feeds(served: Served, given: str) -> None:
    feeds = [f"/api/v1/feeds/{path}" for path in ("all", "sources/example", "collections/harbour")]
    pages = ["/", "/new", "/settings", "/metrics", f"/snapshot/latest/{URL}", f"/all/2026id_/{URL}"]
    programs = ["/api/v1/sources", f"/api/v1/captures?url={URL}", f"/cdx/search/cdx?url={URL}"]
    alike = ["/api/v1/feeds", "/api/v1/feeds-of-others", "//api/v1/feeds/all", "/API/v1/feeds/all"]
    told = {path: served.get(path, Authorization=given).status for path in (*feeds, *pages, *programs, *alike)}

    assert [path for path, status in told.items() if status == 200] == feeds
    assert {status for path, status in told.items() if path not in feeds} == {401}
    assert served.get("/api/v1/feeds/../sources", Authorization=given).status == 404
    assert served.ask("POST", feeds[0], headers={"Authorization": given}).status == 401


def test_the_feed_token_can_not_log_in_and_is_shown_nowhere(served: Served) -> None:
    entered = served.ask("POST", "/login", form=f"token={FEEDS_TOKEN.replace(' ', '+')}")
    almost = "Basic " + base64.b64encode(f"reader:{FEEDS_TOKEN}x".encode()).decode()

    assert "Set-Cookie" not in entered.headers
    assert served.get("/api/v1/feeds/all", Authorization=almost).status == 401
    assert FEEDS_TOKEN not in served.get("/settings", Authorization=BASIC).text
    assert FEEDS_TOKEN not in served.log.read_text() and READER not in served.log.read_text()


def test_an_unknown_feed_is_reported(household: Household, served: Served) -> None:
    for path, status in (
        ("sources/nobody", 404),
        ("collections/nobody", 404),
        ("all?before=x", 422),
        ("all?limit=0", 422),
    ):
        assert served.get(f"/api/v1/feeds/{path}", Authorization=BASIC).status == status
    household.look("feed", "--source", "nobody", code=5)
    household.look("feed", "--source", "example", "--collection", "default", code=2)


def test_pages_link_to_their_feeds(served: Served) -> None:
    for page, feed in (
        ("/new", "all"),
        ("/new?source=example", "sources/example"),
        ("/sources/example", "sources/example"),
        ("/collections", "collections/harbour"),
    ):
        html = served.get(page, Authorization=BASIC).text
        head = html.partition("</head>")[0]
        assert 'rel="alternate" type="application/atom+xml"' in head
        assert f'href="/api/v1/feeds/{feed}"' in head


def test_ids_stay_when_the_archive_is_rebuilt(household: Household, tmp_path: Path) -> None:
    again = Household(tmp_path / "home")
    shutil.copytree(household.home / "store", again.home / "store")
    again.run("rebuild")
    before, after = (
        feedparser.parse(each.look("feed", "--origin", "https://press.example").out) for each in (household, again)
    )

    assert [entry.id for entry in after.entries] == [entry.id for entry in before.entries]
    assert len(before.entries) == OTHERS + 4
    assert all(entry.link.startswith("https://press.example/snapshot/") for entry in before.entries)
