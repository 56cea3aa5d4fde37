"""The forms of our pages, as a browser without scripts sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from crawling.board import Board
from crawling.site import serving
from fastapi.routing import APIRoute
from journeys.household import QUICK, Household, Served, gazette
from services.waiting import eventually

from pressmark.web.routes import PAGES

PAGE = "http://127.0.0.1:9/news?id=1&x=%2F"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    household = Household(tmp_path_factory.mktemp("acting") / "home", {**QUICK, "PRESSMARK_TIMEZONE": "Asia/Shanghai"})
    household.source("gazette", gazette("http://127.0.0.1:9/", walk="page", more="timetable: {every: 1d}\n"))
    with household.serving() as running:
        yield running


def pressed(served: Served, path: str, form: str = "") -> str:
    """Press a button; return where it leads."""
    answer = served.ask("POST", path, form=form, headers={"Origin": served.url})
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def buttons(page: str) -> set[str]:
    """Return where the buttons of a page lead."""
    return set(re.findall(r'(?:form)?action="([^"]*)"', page))


@pytest.mark.parametrize("path", ["/", "/captures?url=https://nobody.example/"])
def test_a_page_is_archived_at_once_by_the_button_beside_its_url(served: Served, path: str) -> None:
    before = buttons(served.get(path).text)
    run = pressed(served, "/archive", f"url={quote(PAGE, safe='')}")
    shape = served.get(f"/api/v1{run}").json
    page = served.get(run).text

    assert "/archive" in before
    assert shape["url"] == PAGE
    assert f'href="/captures?url={quote(PAGE, safe="/")}"' in page


def test_an_invalid_url_is_not_archived_and_reported(served: Served) -> None:
    answer = served.ask("POST", "/archive", form="url=moon", headers={"Accept": "text/html"})

    assert answer.status == 422
    assert "moon" in answer.text


def test_all_crawling_is_paused_and_resumed_by_buttons(served: Served) -> None:
    offered = buttons(served.get("/sources").text)
    pressed(served, "/pause")
    paused = {path: served.get(path).text for path in ("/", "/sources", "/sources/gazette")}
    pressed(served, "/resume")
    resumed = served.get("/").text

    assert "/pause" in offered and "/resume" not in offered
    assert all("All crawling has been paused" in page and "/resume" in buttons(page) for page in paused.values())
    assert "/sources/gazette/pause" in buttons(paused["/sources/gazette"]), "it is not the source that is paused"
    assert "All parts of Pressmark are working." not in paused["/"]
    assert "All crawling has been paused" not in resumed


def test_a_source_is_paused_and_resumed_where_its_run_is_shown(served: Served) -> None:
    run = pressed(served, "/sources/gazette/run")
    offered = buttons(served.get(run).text)
    pressed(served, "/sources/gazette/pause")
    paused = buttons(served.get(run).text)
    pressed(served, "/sources/gazette/resume")

    assert "/sources/gazette/pause" in offered
    assert "/sources/gazette/resume" in paused


def test_cancelling_a_run_that_has_ended_meanwhile_shows_it(served: Served) -> None:
    run = pressed(served, "/sources/gazette/run")
    eventually(lambda: served.get(f"/api/v1{run}").json["status"] == "over")

    assert pressed(served, f"{run}/cancel") == run


def test_times_are_in_the_zone_of_the_site_with_utc_beside_them_and_captures_keep_utc(served: Served) -> None:
    run = pressed(served, "/sources/gazette/run")
    asked = served.get(f"/api/v1{run}").json["requested_at"]
    page = served.get(run).text
    [(utc, local)] = re.findall(rf'<time datetime="{asked[:19]}[^"]*" title="(.*?) UTC">(.*?)</time>', page)[:1]
    captures = served.get(f"/captures?url={quote(PAGE)}").text

    assert utc == asked[:19].replace("T", " ")
    assert (int(local[11:13]) - int(utc[11:13])) % 24 == 8
    assert "Times are in Asia/Shanghai." in page
    assert "days and times on this page are in UTC" in captures


FOREIGN = "comes from a page of another site"


def test_no_page_of_another_origin_can_press_our_buttons(served: Served) -> None:
    """With its control: our own page can."""
    routes = [route for part in PAGES for route in part.router.routes if isinstance(route, APIRoute)]
    paths = [route.path for route in routes if "POST" in route.methods]
    ways = ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"})
    told = {(path, *way): served.ask("POST", path, form="", headers=way) for path in paths for way in ways}
    own = {path: served.ask("POST", path, form="", headers={"Sec-Fetch-Site": "same-origin"}) for path in paths}

    assert len(paths) >= 10
    assert {path: answer.status for path, answer in told.items() if FOREIGN not in answer.text} == {}
    assert {answer.status for answer in told.values()} == {403}
    assert [path for path, answer in own.items() if FOREIGN in answer.text] == []
    # Only a person has a feed address; a token is none.
    assert {path for path, answer in own.items() if answer.status == 403} == {"/new/feeds", "/new/feeds/revoke"}
    pressed(served, "/resume")


def test_no_page_can_be_framed_or_loads_anything_from_elsewhere(served: Served) -> None:
    policies = {path: served.get(path).headers["Content-Security-Policy"] for path in ("/", "/new", "/add", "/login")}

    for policy in policies.values():
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy and "form-action 'self'" in policy and "unsafe" not in policy


def test_the_findings_about_a_site_are_shown_on_the_page_and_as_json(served: Served, tmp_path: Path) -> None:
    board = Board()
    board.write(1, "post")
    with serving() as site:
        board.serve(site)
        form = f"url={quote(site.url + '/viewforum.php?f=1', safe='')}&name=boards&every=&addresses=127.0.0.0%2F8"
        page = served.ask("POST", "/add", form=form, headers={"Origin": served.url}).text
        alone = Household(tmp_path / "home")
        found = alone.look(
            "add", f"{site.url}/viewforum.php?f=1", "--allow-address", "127.0.0.0/8", "-n", "--json"
        ).json

    assert "phpbb (boards: 0, threads: 1)" in page
    assert f"<dt>Encoding</dt><dd>{found['found']['encoding']}</dd>" in page
    assert found["found"]["forum"]["engine"] == "phpbb"
    assert (len(found["found"]["forum"]["threads"]), found["file"]) == (1, None)
    assert found["found"]["feeds"] == found["found"]["sitemaps"] == []
