"""Under `serve`, a run whose frontiers find a full disk waits, the state has its name, and the run then continues."""

from __future__ import annotations

import os
import time

import pytest
from journeys.household import Household, gazette
from services.disks import ext4_disk
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

pytestmark = [
    pytest.mark.system,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system"),
]
PATIENCE = 240.0


@pytest.mark.costly
def test_a_run_that_finds_its_frontiers_full_is_queued_and_continues(household: Household) -> None:
    frontiers = household.home / "frontiers"
    with Newspaper(slow=0.0) as paper, ext4_disk(frontiers, household.home.parent / "image") as disk:
        household.source("gazette", gazette(f"{paper.url}/", more="limits: {pages: 20}\n"))
        with household.serving() as served:
            with (disk / "filler").open("ab", buffering=0) as file, pytest.raises(OSError, match="No space left"):
                while True:
                    file.write(bytes(4096))
            run = served.ask("POST", "/api/v1/sources/gazette/runs", {"all": True}).json["id"]
            told = eventually(lambda: served.get("/readyz").json["problems"].get("space"), within=PATIENCE)
            time.sleep(6)  # so that the worker tries
            waiting = served.get(f"/api/v1/runs/{run}").json
            (disk / "filler").unlink()
            over = eventually(
                lambda: (shape := served.get(f"/api/v1/runs/{run}").json)["status"] == "over" and shape, within=PATIENCE
            )

    assert f"the disk at {frontiers} (frontiers) has only" in told
    assert waiting["status"] == "queued"
    assert (over["outcome"], over["attempt"]) in (("limited", 1), ("done", 1))
