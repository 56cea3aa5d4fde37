"""A disk or directory that refuses files is named, and what it held up resumes by itself once it accepts them again."""

from __future__ import annotations

import html
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import figure
from journeys.household import Household, Served, gazette, unreadable
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]
PATIENCE = 240.0


@pytest.fixture
def spool(household: Household) -> Iterator[Path]:
    """The directory of the spools, on a disk with few inodes."""
    disk = household.home / "spool"
    disk.mkdir(parents=True)
    options = ["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=200", "pressmark-test", str(disk)]
    mounted = subprocess.run(options, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.costly
def test_a_run_resumes_by_itself_when_there_are_inodes_again(household: Household, spool: Path) -> None:
    with Newspaper(slow=0.0, latency=0.25) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="keep: {requisites: true}\n"))
        with household.serving() as served:
            run = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
            eventually(lambda: served.get(f"/api/v1/runs/{run}").json["pages"] >= 3)
            taken = spool / "taken"
            taken.mkdir()
            take_all_inodes(taken)
            eventually(lambda: "crawling pauses" in served.log.read_text(), within=PATIENCE)
            paused = served.get(f"/api/v1/runs/{run}").json
            for file in taken.iterdir():
                file.unlink()
            over = eventually(
                lambda: (shape := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and shape, within=PATIENCE
            )
            log = served.log.read_text()

    assert paused["status"] == "running"
    assert "crawling resumed" in log
    assert (over["outcome"], over["attempt"]) == ("done", 1)


PLACES = {
    "store": ["store", *(f"store/{part}" for part in ("warc/v1", "cdxj", "manifest/v1"))],
    "frontiers": ["frontiers"],
    "logs": ["logs"],
    "database": ["."],
    "spool": ["spool/main", "spool/main/open", "spool/main/sealed"],
}


@pytest.mark.slow
@pytest.mark.skipif(
    figure(True, False, False), reason="each place costs a service; tests/pressmark/service/test_states.py tries them"
)
@pytest.mark.parametrize("place", PLACES)
def test_a_service_names_a_directory_that_refuses_files_and_resumes_by_itself(household: Household, place: str) -> None:
    with Newspaper(slow=0.0) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="limits: {pages: 20}\n"))
        with household.serving() as served:
            before = run_of(served)
            eventually(lambda: over(served, before), within=PATIENCE)
            eventually(lambda: any((household.home / "store").glob("manifest/v1/**/*.json")), within=PATIENCE)
            eventually(lambda: not problems(served), within=PATIENCE)
            with immutable(household.home, PLACES[place]):
                told = eventually(lambda: problems(served).get("space"), within=PATIENCE)
                front = html.unescape(served.get("/").text)
                items = household.look("doctor", "--json", code=None).json["items"]
                run = run_of(served)
                time.sleep(5)  # so that what can't be done is tried
            eventually(lambda: not problems(served), within=PATIENCE)
            ended = eventually(lambda: over(served, run), within=PATIENCE)
            last = run_of(served)
            eventually(lambda: over(served, last), within=PATIENCE)

    named = [item["sentence"] for item in items if item["state"] == "directory-denied"]
    path = household.home / PLACES[place][0]
    denied = f"Pressmark has no permission to write to {path} ({place})"
    assert f"{denied}; to give the permission, run chown -R 0 on this directory" in named
    assert all(sentence in told and sentence in front for sentence in named)
    assert ended["outcome"] in ("done", "unchanged", "limited")
    assert unreadable(household.home, paper.url) == ({}, True)


@pytest.mark.slow
@pytest.mark.skipif(figure(True, False, False), reason="it costs a service; tests/faults/test_full_disk.py tries it")
def test_a_worker_that_may_open_no_more_files_pauses_and_resumes_by_itself(household: Household) -> None:
    with Newspaper(slow=0.0, latency=0.25) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="keep: {requisites: true}\n"))
        with household.serving() as served:
            run = run_of(served)
            eventually(lambda: served.get(f"/api/v1/runs/{run}").json["pages"] >= 3, within=PATIENCE)
            [worker] = psutil.Process(served.process.pid).children()
            before = resource.prlimit(worker.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (1, before[1]))
            told = eventually(lambda: problems(served).get("crawling"), within=PATIENCE)
            resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, before)
            eventually(lambda: not problems(served), within=PATIENCE)
            ended = eventually(lambda: over(served, run), within=PATIENCE)

    assert "Too many open files" in told
    assert (ended["outcome"], ended["attempt"]) in (("done", 1), ("partial", 1))
    assert unreadable(household.home, paper.url) == ({}, True)


@pytest.mark.slow
@pytest.mark.skipif(figure(True, False, False), reason="it costs a command that waits for ten seconds")
def test_a_command_whose_frontiers_refuse_files_ends_with_the_reason(household: Household) -> None:
    with Newspaper(slow=0.0) as paper:
        household.source("gazette", gazette(f"{paper.url}/", more="limits: {pages: 5}\n"))
        household.run("run", "gazette", code=14)
        with immutable(household.home, ["frontiers"]):
            refused = household.run("run", "gazette", code=7)
        household.run("run", "gazette", "--all", code=14)

    assert (
        f"error: Pressmark can't save the URLs that it has still to fetch, in {household.home}/frontiers: "
        "Operation not permitted\n"
    ) in refused.err


def run_of(served: Served) -> str:
    run: str = served.ask("POST", "/api/v1/sources/gazette/runs", {"all": True}).json["id"]
    return run


def over(served: Served, run: str) -> Any:
    shape = served.get(f"/api/v1/runs/{run}").json
    return shape if shape["status"] == "over" else None


def problems(served: Served) -> dict[str, str]:
    found: dict[str, str] = served.get("/readyz").json["problems"]
    return found


@contextmanager
def immutable(home: Path, places: Sequence[str]) -> Iterator[None]:
    """Nothing is created in these directories, not even by root, nor removed."""
    there = [str(home / place) for place in places if (home / place).is_dir()]
    if subprocess.run(["chattr", "+i", *there], check=False, capture_output=True).returncode:
        pytest.skip("the file system has no attributes")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *there], check=True)


def take_all_inodes(taken: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        for number in range(10_000):
            (taken / str(number)).touch()
