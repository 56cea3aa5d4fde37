"""Captures open in pywb, an independent program: the same bytes, at each time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from journeys.household import Household, gazette
from oracles.environment import NotInstalled, environment
from oracles.wayback import PINS, ask, wayback
from web_of_tests.newspaper import Newspaper


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    try:
        return environment(pytestconfig.cache.mkdir("pywb"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))


def collected(programs: Path, directory: Path, warcs: list[Path]) -> Path:
    """Return a directory of pywb that has these WARCs in its collection `kept`."""
    directory.mkdir()
    manager = str(programs / "wb-manager")
    subprocess.run([manager, "init", "kept"], cwd=directory, check=True, capture_output=True)
    subprocess.run([manager, "add", "kept", *map(str, warcs)], cwd=directory, check=True, capture_output=True)
    return directory


def test_pywb_replays_pages_pictures_revisits_and_versions(
    household: Household, programs: Path, tmp_path: Path
) -> None:
    with Newspaper(slow=0.1) as paper:
        article = paper.articles[0].slug
        household.source("gazette", gazette(f"{paper.url}/", walk="site"))
        household.run("run", "gazette")
        paper.edit(article, ["Everything in it is new."])
        household.run("run", "gazette")
        listed = household.look("captures", f"{paper.url}/", "--match", "prefix", "--limit", "500", "--json")
        kept = [one for one in listed.json["items"] if one["status"] == 200]
        versions = {one["sha256"] for one in kept if one["url"] == paper.url_of(article)}
    warcs = sorted((household.home / "store" / "warc").rglob("*.warc.gz"))
    directory = collected(programs, tmp_path / "pywb", warcs)

    with wayback(programs, directory) as pywb, household.serving() as served:
        different = []
        for one in kept:
            status, _, body = ask(pywb, f"/kept/{one['timestamp'][:14]}id_/{one['url']}")
            ours = served.get(f"/api/v1/snapshots/{one['timestamp']}/raw/{one['url']}")
            if (status, body) != (ours.status, ours.body):
                different.append(one["url"])

    assert different == []
    assert len(versions) == 2
    assert {one["kind"] for one in kept} >= {"response", "revisit"}
