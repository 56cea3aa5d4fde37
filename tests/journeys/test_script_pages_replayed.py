"""Pages that real build tools made are archived, and shown again from the archive alone with all they need."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from crawling.site import Reply, Site, serving
from journeys.household import Household, gazette
from script_pages.build import NotBuilt, built, built_by_next
from script_pages.pages import NEXT, PAGES, furnish, furnish_next

pytestmark = [
    pytest.mark.costly,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("chromium") is None,
        reason="chromium is not installed (apt-get install chromium): no page is shown",
    ),
]


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes["/robots.txt"] = Reply(404)
        yield site


def test_sixty_pages_of_ten_tools_are_shown_without_a_network_and_lack_nothing(
    household: Household, site: Site
) -> None:
    try:
        furnish(site, built())
        furnish_next(site, built_by_next())
    except NotBuilt as error:
        pytest.skip(f"{error}: no page of a framework is archived")
    paths = [page.path for page in (*PAGES, *NEXT)]
    seeds = ", ".join(f"{site.url}{path}" for path in paths)
    household.source("gazette", gazette(seeds, walk="page", more="fetch: auto\nkeep: {requisites: true}\n"))
    run = household.run("run", "gazette", "--json").json["items"][0]["id"]
    site.routes.clear()
    site.asked.clear()

    checked = household.run("qa", run, "--json", "--limit", "200", code=None).json

    assert site.asked == []
    assert {one["url"].removeprefix(site.url) for one in checked["items"]} >= set(paths)
    assert {one["url"]: one["missing_urls"] for one in checked["items"] if one["missing"]} == {}
    assert {one["url"]: one["finding"] for one in checked["items"] if one["result"] != "in-order"} == {}
