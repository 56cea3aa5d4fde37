"""`pressmark qa` shows the pages of a run from the archive alone, and finds what is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette

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
    assert said["/well"] is said["/drawn"] is None
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
