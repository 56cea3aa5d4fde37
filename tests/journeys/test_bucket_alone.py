"""A machine is lost in the middle of a run, and only the bucket is left: the rebuilt service is the one before."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import figure
from crawling.board import Board
from crawling.site import Reply, Site, serving
from journeys.household import QUICK, Household, Served, gazette
from services.buckets import store_in
from services.waiting import eventually
from sqlalchemy import text
from web_of_tests.newspaper import Newspaper

from archive.database.engine import open_database
from archive.store.s3 import S3Settings

RUNS = figure(24, 1_000, 1_000)
SOURCES = figure(6, 100, 100)
ARTICLE = "forum-instrument-market"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(figure(600, 7_200, 36_000))]


@dataclass
class World:
    """What is crawled: a newspaper, a forum, and a site of which one page takes long."""

    paper: Newspaper
    board: Board
    site: Site

    @property
    def thread(self) -> str:
        return f"{self.site.url}/viewtopic.php?t=1"

    def change(self, number: int) -> None:
        self.board.write(1 + number % 3, f"Post {number} about the kettle of the reading room")
        if not number % 5:
            self.paper.edit(ARTICLE, [f"The kettle was seen in street {number}, by a reader of this paper."] * 3)


@pytest.fixture
def world() -> Iterator[World]:
    board = Board(validates=True)
    with Newspaper(slow=0.0) as paper, serving() as site:
        board.serve(site)
        world = World(paper, board, site)
        for number in range(1, 8):
            world.change(number)
        yield world


def sources(world: World) -> dict[str, str]:
    """Return the files of the sources: feeds of the newspaper, one forum."""
    forum = (
        f"source: forum\nseeds: [{world.site.url}/]\nwalk: forum\npoliteness: {{delay: 0s, concurrency: 4}}\n"
        "addresses: [127.0.0.0/8]\ntimetable: {every: 6h}\n"
    )
    files = {"forum": forum}
    for number in range(SOURCES - 1):
        text = gazette(f"{world.paper.url}/atom.xml", walk="feed", more=f"timetable: {{every: {number + 3}h}}\n")
        files[f"gazette-{number}"] = text.replace("source: gazette", f"source: gazette-{number}")
    return files


def run_all(served: Served, world: World) -> None:
    """Run all sources at once, again and again, with changes in between."""
    names = list(sources(world))
    for first in range(0, RUNS, SOURCES):
        world.change(first)
        runs = [served.ask("POST", f"/api/v1/sources/{name}/runs").json["id"] for name in names[: RUNS - first]]
        for run in runs:
            eventually(lambda run=run: served.get(f"/api/v1/runs/{run}").json["status"] == "over", within=600)


def is_saved(household: Household) -> bool:
    """Return whether the store has everything: segments and ledger."""
    open_ones = "SELECT count(*) FROM segments WHERE state NOT IN ('committed', 'releasing', 'released')"
    with (
        closing(open_database(household.database_url, migrate=False)) as database,
        database.reading() as connection,
    ):
        return not connection.execute(text(f"SELECT (SELECT count(*) FROM unsaved) + ({open_ones})")).scalar()


def everything(served: Served, world: World) -> dict[str, Any]:
    """Return all answers of the API, without what depends on the moment."""
    runs = served.items("/api/v1/runs?limit=200")
    finished = [run for run in runs if run["status"] == "over"]
    listed = served.items("/api/v1/sources")
    urls = [world.paper.url_of(ARTICLE), world.thread]
    captures = [one for url in (world.paper.url, world.site.url) for one in served.items(_captures(url))]
    return {
        "sources": {one["name"]: {key: one[key] for key in _OF_A_SOURCE} for one in listed},
        "last runs": {one["name"]: one["last_run"] for one in listed if one["last_run"]["status"] == "over"},
        "states": {one["name"]: one["state"] for one in listed if one["name"] != "forum"},
        "runs": {run["id"]: served.get(f"/api/v1/runs/{run['id']}").json for run in finished},
        "due": served.get("/api/v1/timetable/next?limit=100").json,
        "captures": captures,
        "why": {url: why(served, url) for url in urls},
        "threads": served.get(f"/api/v1/threads/latest/{world.thread}").json,
        "text": {url: served.get(f"/api/v1/snapshots/latest/text/{url}").body for url in urls},
        "search": served.items("/api/v1/search?q=kettle"),
    }


def why(served: Served, url: str) -> list[dict[str, Any]]:
    """Return what each source knows of a page, without the sentence that says how long it is still to wait."""
    return [{**one, "because": None} for one in served.get(f"/api/v1/why?url={quote(url)}").json["sources"]]


_OF_A_SOURCE = ("seeds", "walk", "collection", "timetable", "next", "paused", "pause_reason")


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each plain value and its place, so that a difference is short."""
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(inner, f"{place}/{name}")
    else:
        yield place, value


def _captures(url: str) -> str:
    return f"/api/v1/captures?url={quote(url)}&match=host&limit=1000"


def drill(household: Household, world: World, tmp_path: Path, environment: dict[str, str]) -> None:
    """Crawl, lose the machine in mid-run, rebuild, and compare."""
    for name, told in sources(world).items():
        household.source(name, told)
    with household.serving(kill=True) as served:
        run_all(served, world)
        assert len(served.items("/api/v1/runs?limit=200")) >= RUNS
        household.source("forum", sources(world)["forum"].replace("6h", "7h"))
        served.ask("POST", "/api/v1/sources/gazette-1/pause", {"reason": "the editor asked for it"})
        eventually(lambda: served.get("/api/v1/sources/forum").json["timetable"].find("7") >= 0)
        world.change(RUNS + 1)
        world.site.routes["/viewforum.php?f=1"] = Reply(body="<p>late</p>", after=60)
        cut = served.ask("POST", "/api/v1/sources/forum/runs").json["id"]
        eventually(lambda: served.get(f"/api/v1/runs/{cut}").json["status"] == "running" and world.site.busy)
        served.ask("POST", "/api/v1/pause", {"reason": "nothing may start while we look"})
        eventually(lambda: is_saved(household), within=600)
        before = everything(served, world)
    files = {path.name: path.read_bytes() for path in (household.home / "sources").glob("*.yaml")}
    shutil.rmtree(household.home)
    del world.site.routes["/viewforum.php?f=1"]

    new = Household(tmp_path / "another machine" / "home", environment)
    new.home.parent.mkdir()
    rebuilt = new.run("rebuild", "--json").json
    assert rebuilt["findings"] == []
    assert rebuilt["sources"] == len(files)
    assert {path.name: path.read_bytes() for path in (new.home / "sources").glob("*.yaml")} == files
    with new.serving() as served:
        after = everything(served, world)
        for part, told in before.items():
            assert dict(flat(after[part])) == dict(flat(told)), part
        served.ask("POST", "/api/v1/resume")
        again = eventually(lambda: (one := served.get(f"/api/v1/runs/{cut}").json)["status"] == "over" and one)
        assert (again["outcome"], again["attempt"]) == ("done", 2)
    assert new.run("verify", "--all", "--json").json["findings"] == []


@pytest.fixture
def local(tmp_path: Path) -> dict[str, str]:
    """Settings with a store that outlives the machine."""
    return {**QUICK, "PRESSMARK_STORE": str(tmp_path / "store")}


@pytest.fixture
def remote(bucket: S3Settings) -> dict[str, str]:
    """Settings with a bucket."""
    return {**QUICK, **store_in(bucket)}


@pytest.mark.costly
def test_a_service_rebuilt_from_its_store_alone_equals_the_one_before(
    world: World, tmp_path: Path, local: dict[str, str]
) -> None:
    drill(Household(tmp_path / "home", local), world, tmp_path, local)


@pytest.mark.s3
def test_a_service_rebuilt_from_its_bucket_alone_equals_the_one_before(
    world: World, tmp_path: Path, remote: dict[str, str]
) -> None:
    drill(Household(tmp_path / "home", remote), world, tmp_path, remote)
