"""The first store is lost while the service runs: it continues from the second, and fills a new first store from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest
from journeys.household import PATIENCE, Household, Served, gazette
from services.disks import a_disk
from services.waiting import eventually
from specimens.archives import SEGMENTS
from web_of_tests.newspaper import Newspaper

ARTICLE = "forum-instrument-market"
KETTLE = ["The kettle is gone. Somebody has bought it and will not say who they are, or why."] * 3


@pytest.fixture
def stores(household: Household, paper: Newspaper, tmp_path: Path) -> dict[str, Path]:
    """The two stores of a home with one source."""
    stores = {"first": tmp_path / "first", "second": tmp_path / "second"}
    household.environment["PRESSMARK_STORE"] = str(stores["first"])
    household.environment["PRESSMARK_REPLICAS"] = json.dumps({"second": str(stores["second"])})
    household.environment["PRESSMARK_SPOOL__GRACE"] = "0s"
    household.source("gazette", gazette(f"{paper.url}/atom.xml", walk="feed"))
    return stores


def crawl(served: Served) -> None:
    run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
    eventually(lambda: served.get(f"/api/v1/runs/{run}").json["status"] == "over", within=PATIENCE)
    assert served.get(f"/api/v1/runs/{run}").json["outcome"] in ("done", "unchanged")


def bodies(served: Served, url: str) -> list[str]:
    """Return the body of each capture of a page."""
    items = served.items(f"/api/v1/captures?url={quote(url, safe='')}")
    answers = [served.get(f"/api/v1/snapshots/{item['timestamp']}/raw/{url}") for item in items]
    assert {answer.status for answer in answers} == {200}
    return [answer.text for answer in answers]


def keys(store: Path) -> set[str]:
    """Return the keys of segments and of the ledger in a store. A replica gets everything else once an hour."""
    found = {path.relative_to(store).as_posix() for path in store.rglob("*.*") if path.is_file()}
    return {key for key in found if key.startswith(("warc/", "cdxj/", "text/", "manifest/", "ledger/"))}


def manifests(store: Path) -> set[str]:
    return {key for key in keys(store) if key.startswith("manifest/")}


def test_a_service_whose_first_store_is_lost_continues_from_the_second(
    household: Household, paper: Newspaper, stores: dict[str, Path]
) -> None:
    first, second = stores.values()
    url = paper.url_of(ARTICLE)
    with household.serving() as served:
        crawl(served)
        eventually(lambda: manifests(second) and keys(second) >= keys(first), within=PATIENCE)
        eventually(lambda: not list(household.home.glob("spool/*/sealed/*.warc.gz")), within=PATIENCE)
        before = bodies(served, url)
        shutil.rmtree(first)
        first.symlink_to(first)  # each access ends with ELOOP

        assert bodies(served, url) == before
        paper.edit(ARTICLE, KETTLE)
        crawl(served)
        eventually(lambda: len(bodies(served, url)) == len(before) + 1, within=PATIENCE)
        after = bodies(served, url)
        assert any("The kettle is gone" in text for text in after)

        first.unlink()
        household.run("audit", "--share", "1/1", "--repair", "--refill", "store")
        eventually(lambda: len(manifests(first)) > 1 and keys(first) == keys(second), within=PATIENCE)
        assert bodies(served, url) == after
    assert household.run("verify", "--all", "--json").json["findings"] == []


@pytest.mark.costly
def test_without_a_second_store_the_same_pages_are_out_of_reach(
    household: Household, paper: Newspaper, stores: dict[str, Path]
) -> None:
    del household.environment["PRESSMARK_REPLICAS"]
    with household.serving() as served:
        crawl(served)
        eventually(lambda: not list(household.home.glob("spool/*/sealed/*.warc.gz")), within=PATIENCE)
        shutil.rmtree(stores["first"])
        answer = served.get(f"/api/v1/snapshots/latest/raw/{paper.url_of(ARTICLE)}")
    assert answer.status >= 500


@pytest.mark.parametrize(
    "command",
    [
        ("run", "gazette", "--all"),
        pytest.param(("archive", "{page}"), marks=pytest.mark.costly),
        pytest.param(("ingest", str(min(SEGMENTS.glob("*.warc.gz")))), marks=pytest.mark.costly),
    ],
    ids=lambda command: command[0],
)
def test_a_command_that_finds_the_mount_point_of_its_store_ends_with_the_reason_and_keeps_its_pages(
    household: Household, paper: Newspaper, tmp_path: Path, command: tuple[str, ...]
) -> None:
    household.source("gazette", gazette(f"{paper.url}/atom.xml", walk="feed"))
    with a_disk(tmp_path / "first") as disk:
        household.environment["PRESSMARK_STORE"] = str(disk.at)
        household.run("run", "gazette")
        stored = len(manifests(disk.at))
        disk.unmount()
        ended = household.run(*(each.format(page=paper.url_of(ARTICLE)) for each in command), code=6)
        assert f"its disk is not mounted at {disk.at}" in ended.err
        assert list(disk.at.iterdir()) == []
        assert "Traceback" not in ended.err
        held = len(list(household.home.glob("spool/*/sealed/*.warc.gz")))
        assert (held > stored) == (command[0] != "ingest"), "the spool keeps what was shipped for a day"
        assert "store-missing" in household.run("doctor", "--json", code=None).out

        disk.mount()
        household.run("run", "gazette")
        assert len(manifests(disk.at)) >= held
