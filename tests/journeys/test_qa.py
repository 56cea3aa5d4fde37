"""`pressmark qa` shows the pages of a run from the archive alone, and finds what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from conftest import FORM
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette
from services.waiting import eventually

pytestmark = pytest.mark.skipif(
    shutil.which("chromium") is None, reason="chromium is not installed (apt-get install chromium): no page is shown"
)
TEXT = "The harbour was quiet on Monday, and the council met about the new reactor. " * 9
WELL = f"<!doctype html><title>Well</title><h1>Well</h1><article><p>{TEXT}</p></article><img src=/there.png>"
LATE = f"<!doctype html><title>Late</title><article><p>{TEXT}</p></article><script>fetch('/nowhere.json')</script>"
EMPTIED = "<script>document.body.textContent = ''</script>"
HIDES = f"<!doctype html><title>Hides</title><article><p>{TEXT}</p></article>{EMPTIED}"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {
            "/robots.txt": Reply(404),
            "/well": Reply(body=WELL),
            "/late": Reply(body=LATE),
            "/hides": Reply(body=HIDES),
            "/drawn": Reply(body="<!doctype html><title>Drawn</title><div id=root></div><script>"
                            "fetch('/said').then(a => a.text()).then(t => root.append(t))</script>"),
            "/said": Reply(body=TEXT, type="text/plain"),
            "/there.png": Reply(body=b"\x89PNG\r\n\x1a\n", type="image/png"),
        }  # fmt: skip
        yield site


@pytest.mark.costly
def test_the_worst_pages_of_a_run_are_found_without_the_site(household: Household, site: Site) -> None:
    seeds = ", ".join(f"{site.url}/{name}" for name in ("well", "late", "hides", "drawn"))
    more = "keep: {requisites: true}\nscope: {fetch: {/drawn: browser}}\n"
    household.source("gazette", gazette(seeds, walk="page", more=more))
    run = household.run("run", "gazette", "--json").json["items"][0]["id"]
    site.routes.clear()
    site.asked.clear()

    found = household.run("qa", run, "--json", code=3).json["items"]
    reviewed = household.look("runs", "review", run, "--json").json["items"]

    said = {one["url"].removeprefix(site.url): one["finding"] for one in found}
    pictures = {one["url"].removeprefix(site.url): one["picture_distance"] for one in found}
    assert site.asked == []
    results = {one["url"].removeprefix(site.url): one["result"] for one in found}
    assert said["/well"] is said["/drawn"] is None
    assert results == {"/well": "in-order", "/drawn": "in-order", "/late": "different", "/hides": "different"}
    assert said["/late"] == f"at replay, 1 file can't be found, such as {site.url}/nowhere.json"
    assert said["/hides"] == "at replay, 100 percent of the text is missing"
    assert [one["url"].removeprefix(site.url) for one in found][:2] == ["/hides", "/late"]
    assert pictures["/well"] is None
    assert pictures["/drawn"] < 0.01
    suspicious = [(one["url"], one["reason"]) for one in reviewed if one["finding"] == "suspicious"]
    assert suspicious == [(one["url"], one["finding"]) for one in found if one["finding"]]

    with household.serving() as served:
        page = served.get(f"/runs/{run}/review").text
        listed = served.get(f"/api/v1/runs/{run}/qa").json["items"]
    assert "100 percent of the text is missing" in page
    assert [one["finding"] for one in listed] == [one["finding"] for one in found]


@pytest.mark.skipif(FORM == "sample", reason="make test-faults starts the browser")
def test_a_check_that_was_requested_on_a_page_runs_in_the_background_and_people_mark_its_pages(
    household: Household, site: Site
) -> None:
    site.routes["/bare"] = Reply(body="<!doctype html><title></title><body></body>")
    seeds = ", ".join(f"{site.url}/{name}" for name in ("well", "late", "bare"))
    household.source("gazette", gazette(seeds, walk="page", more="keep: {requisites: true}\n"))
    run = household.run("run", "gazette", "--json", code=None).json["items"][0]["id"]
    site.routes.clear()

    with household.serving() as served:
        unchecked = served.get(f"/runs/{run}/qa").text
        asked = served.ask("POST", f"/runs/{run}/qa", form="limit=50")
        again = served.ask("POST", f"/api/v1/runs/{run}/qa").json
        waiting = served.get(f"/runs/{run}/qa").text
        eventually(lambda: served.get(f"/api/v1/runs/{run}/qa").json["job"]["state"] == "over")
        marked = served.ask("POST", f"/runs/{run}/review", form=f"url={quote(site.url)}/late&judgement=bad&back=qa")
        report, shown = served.get(f"/api/v1/runs/{run}/qa").json, served.get(f"/runs/{run}/qa").text

    assert "The pages of this run were not checked yet." in unchecked
    assert (asked.status, marked.status) == (303, 303)
    assert marked.headers["location"] == f"/runs/{run}/qa"
    assert again["limit"] == 50, "a second request is the same check"
    assert 'http-equiv="refresh"' in waiting
    job = report["job"]
    assert (job["pages"], job["checked"], job["unchecked"], job["reason"]) == (3, 3, 0, None)
    assert report["counts"] == {"not-shown": 0, "different": 1, "nothing-compared": 1, "in-order": 1}
    paths = [one["url"].removeprefix(site.url) for one in report["items"]]
    assert paths == ["/late", "/bare", "/well"]
    assert [one["mark"] and one["mark"]["judgement"] for one in report["items"]] == ["bad", None, None]
    assert "nothing to compare" in shown
    assert "at replay, 1 file can&#39;t be found" in shown
