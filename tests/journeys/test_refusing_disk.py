"""A disk that refuses files pauses a run, and the run resumes by itself when the disk accepts them again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from journeys.household import Household, gazette
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


def take_all_inodes(taken: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        for number in range(10_000):
            (taken / str(number)).touch()
