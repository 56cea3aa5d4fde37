"""Two services on one PostgreSQL, each with a source on the same host: the host sees one polite visitor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, Served
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually

pytestmark = [pytest.mark.postgresql, pytest.mark.timeout(900)]
DELAY = 1.0
PAGES = 8
SLACK = 0.3
"""Seconds that a request may overtake the one before it on its way to the site."""
PATIENCE = 400


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/robots.txt": Reply(body=f"User-agent: *\nCrawl-delay: {DELAY:g}", type="text/plain")}) as site:
        site.otherwise = html()
        yield site


def machine(directory: Path, name: str, database: str, site: Site) -> Household:
    """Make the home of a service with a source of its own."""
    directory.mkdir(parents=True, exist_ok=True)
    made = Household(directory / "home")
    made.environment |= {"PRESSMARK_DATABASE": database, "PRESSMARK_WORKER__NAME": name}
    seeds = ", ".join(f"{site.url}/{name}/{page}" for page in range(PAGES))
    politeness = "politeness: {delay: 0s, concurrency: 4}\naddresses: [127.0.0.0/8]\n"
    made.source(name, f"source: {name}\nseeds: [{seeds}]\nwalk: page\n{politeness}")
    return made


def is_over(served: Served, source: str) -> bool:
    return [run["outcome"] for run in served.get(f"/api/v1/runs?source={source}").json["items"]] == ["done"]


def begin(served: Served, source: str) -> None:
    assert served.ask("POST", f"/api/v1/sources/{source}/runs").status == 202


def too_soon(asked: list[Asked]) -> list[float]:
    """Return the gaps between two requests that are shorter than the delay."""
    return [late.at - soon.at for soon, late in pairwise(asked) if late.at - soon.at < DELAY - SLACK]


def test_two_services_share_the_crawl_delay_of_a_host_also_when_one_is_killed(
    tmp_path: Path, postgresql: PostgresServer, site: Site
) -> None:
    with postgresql.database(EMPTY) as url, ExitStack() as stack:
        one, two = (machine(tmp_path / name, name, url, site) for name in ("one", "two"))
        second = stack.enter_context(two.serving())
        with one.serving(kill=True) as first:
            begin(first, "one")
            begin(second, "two")
            eventually(lambda: visited(site, "one") >= 3 and visited(site, "two") >= 1, within=PATIENCE)
        first = stack.enter_context(one.serving())
        eventually(lambda: is_over(second, "two") and is_over(first, "one"), within=PATIENCE)

    assert visited(site, "one") >= PAGES
    assert visited(site, "two") == PAGES
    assert too_soon(site.asked) == []


@pytest.mark.costly
def test_two_services_that_share_no_database_break_the_crawl_delay(
    tmp_path: Path, postgresql: PostgresServer, site: Site
) -> None:
    with ExitStack() as stack:
        served = {}
        for name in ("one", "two"):
            url = stack.enter_context(postgresql.database(EMPTY))
            served[name] = stack.enter_context(machine(tmp_path / name, name, url, site).serving())
        for name, service in served.items():
            begin(service, name)
        eventually(lambda: visited(site, "one") >= 3 and visited(site, "two") >= 3, within=PATIENCE)

    assert too_soon(site.asked)


def visited(site: Site, source: str) -> int:
    return sum(asked.path.startswith(f"/{source}/") for asked in site.asked)
