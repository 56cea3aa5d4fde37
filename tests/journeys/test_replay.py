"""What was kept opens in pywb, a program of the field that we have no part in: the same bytes, at each time."""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from journeys.household import Household, eventually, gazette
from oracles.environment import NotInstalled, environment
from web_of_tests.newspaper import Newspaper

PINS = ("pywb==2.10.0", "setuptools<81", "brotlicffi==1.2.1.0")


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Path:
    try:
        return environment(pytestconfig.cache.mkdir("pywb"), *PINS)
    except NotInstalled as error:
        pytest.skip(str(error))


@contextmanager
def replaying(programs: Path, directory: Path, warcs: list[Path]) -> Iterator[int]:
    """The port of a pywb that has these WARCs in its collection `kept`."""
    manager = str(programs / "wb-manager")
    subprocess.run([manager, "init", "kept"], cwd=directory, check=True, capture_output=True)
    subprocess.run([manager, "add", "kept", *map(str, warcs)], cwd=directory, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [str(programs / "wayback"), "--bind", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            eventually(lambda: answers(port))
            yield port
        finally:
            server.terminate()


def answers(port: int) -> bool:
    try:
        return ask(port, "/")[0] < 500
    except OSError:
        return False


def ask(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


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
    (tmp_path / "pywb").mkdir()

    with replaying(programs, tmp_path / "pywb", warcs) as pywb, household.serving() as served:
        different = []
        for one in kept:
            theirs = ask(pywb, f"/kept/{one['timestamp'][:14]}id_/{one['url']}")
            ours = served.get(f"/api/v1/snapshots/{one['timestamp']}/raw/{one['url']}")
            if theirs != (ours.status, ours.body):
                different.append(one["url"])

    assert different == []
    assert len(versions) == 2
    assert {one["kind"] for one in kept} >= {"response", "revisit"}
