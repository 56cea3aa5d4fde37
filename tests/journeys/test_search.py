from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journeys.household import QUICK, Household, Served
from specimens.library import Library, said

from archive.database.engine import open_database

OLD = "The council met on quantum clocks.\nViews: 3\n量子计算机的研究取得进展。"
NEW = "The council met on quantum clocks again.\nViews: 9\n量子计算的研究取得了进展。"


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    """A home with a few archived texts."""
    made = Household(tmp_path_factory.mktemp("search") / "home", QUICK | database_of_module)
    made.source("gazette", "source: gazette\nseeds: [https://example.org/]\nwalk: page\n")
    database = open_database(made.database_url)
    shelf = Library(database)
    shelf.page(OLD, "https://example.org/a?b=c", title="Quantum <b>clocks</b>", source="gazette", language="en")
    shelf.page(
        NEW, "https://example.org/a?b=c", minute=60, title="Quantum <b>clocks</b>", source="gazette", language="en"
    )
    shelf.keep(*(said(f"A fox, number {n}\x1b[31m", f"https://fox.example/{n}", minute=n) for n in range(25)))
    capture, row = said("Access to the marten denied", "https://marten.example/", title="Blocked")
    shelf.keep((capture, replace(row, fields={"verdict": {"kind": "blocked", "why": "the words"}})))
    database.close()
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


def test_search_over_http_gives_marked_snippets_page_by_page(served: Served) -> None:
    found = served.get(f"/api/v1/search?q={quote('量子 council')}").json
    foxes = served.get("/api/v1/search?q=fox&limit=20").json
    rest = served.get(f"/api/v1/search?q=fox&limit=20&cursor={foxes['next']}").json

    [now] = [one for one in found["items"] if one["current"]]
    assert len(found["items"]) == 2
    assert {piece["text"] for piece in now["snippet_pieces"] if piece["marked"]} == {"council", "量子"}
    assert now["page"] == "/snapshot/20260131130000/https://example.org/a?b=c"
    assert (len(foxes["items"]), len(rest["items"]), rest["next"]) == (20, 5, None)
    assert len({one["url"] for one in foxes["items"] + rest["items"]}) == 25


def test_answers_that_are_not_pages_are_found_only_on_request_and_labelled(
    served: Served, household: Household
) -> None:
    english, chinese = (
        served.get("/search?q=marten&verdicts=1", **{"Accept": "text/html", "Accept-Language": language}).text
        for language in ("en", "zh")
    )

    assert served.get("/api/v1/search?q=marten").json["items"] == []
    assert [one["verdict"] for one in served.get("/api/v1/search?q=marten&verdicts=true").json["items"]] == ["blocked"]
    assert {one["verdict"] for one in served.get("/api/v1/search?q=fox&verdicts=true").json["items"]} == {None}
    assert "https://marten.example/" not in served.get("/search?q=marten", Accept="text/html").text
    assert '<span class="state failed">notice that access is refused</span> https://marten.example/' in english
    assert '<span class="state failed">“拒绝访问”的提示页</span> https://marten.example/' in chinese
    assert "blocked" in household.look("search", "marten", "--verdicts").out
    household.look("search", "marten", code=5)


@pytest.mark.parametrize("query", ["q=fox&cursor=x", "q=fox&since=x", "q=fox&site=mailto:a@b", "q=fox&limit=0", ""])
def test_an_invalid_query_is_reported(served: Served, query: str) -> None:
    assert served.get(f"/api/v1/search?{query}").status == 422


def test_the_search_page_needs_no_script_and_escapes_its_results(served: Served) -> None:
    page = served.get("/search?q=quantum&source=gazette&current=1", Accept="text/html")
    foxes = served.get("/search?q=fox", Accept="text/html")
    wrong = served.get("/search?q=fox&since=yesterday", Accept="text/html")

    assert (page.status, foxes.status, wrong.status) == (200, 200, 422)
    assert "<mark>Quantum</mark> &lt;b&gt;clocks&lt;/b&gt;" in page.text
    assert "clocks again" in page.text
    assert page.text.partition("<main")[2].count("<li>") == 1
    assert 'rel="next" href="/search?q=fox&amp;cursor=' in foxes.text
    assert "yesterday" in wrong.text


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(max_size=40))
def test_any_words_get_an_answer(served: Served, words: str) -> None:
    query = urlencode({"q": words}, errors="surrogatepass")

    assert served.get(f"/api/v1/search?{query}").status == 200
    assert served.get(f"/search?{query}", Accept="text/html").status == 200


def test_search_on_the_command_line(household: Household) -> None:
    shown = household.look("search", "量子", "--site", "example.org")
    as_json = household.look("search", "quantum", "-clocks", "--json", code=2)
    without = household.look("search", "--json", "--", "fox", "-3").json
    nothing = household.look("search", "nowhere", code=5)

    assert "量子计算机的研究" in shown.out
    assert "\x1b" not in shown.out
    assert "such option" in as_json.err
    assert all("number 3" not in one["snippet"] for one in without["items"]) and without["items"]
    assert "no results" in nothing.err


def test_a_terminal_gets_highlights_and_no_escape_sequences_of_a_page(household: Household) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        command = household.command("search", "fox", "--limit", "1")
        done = subprocess.run(command, env={**household.env(), "TERM": "xterm"}, stdout=theirs, check=False, timeout=60)
        os.close(theirs)
        text = terminal.read(4096).decode()

    assert done.returncode == 0
    assert "\x1b[1;33mfox\x1b[0m" in text
    assert "\\x1b[31m" in text and "\x1b[31m" not in text
