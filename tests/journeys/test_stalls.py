"""A worker without progress is named, killed and replaced, and its run resumes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from journeys.household import Household, Served, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

STALLING = Path(__file__).parents[1] / "faults" / "stalling"
PATIENCE = 300.0


@pytest.fixture
def slow_paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.0, latency=0.25) as paper:
        yield paper


def prepare(household: Household, paper: Newspaper, stall: str, after: str) -> None:
    household.environment |= {"PYTHONPATH": str(STALLING), "STALL": stall, "PRESSMARK_WORKER__STALLED_AFTER": after}
    household.source("gazette", gazette(f"{paper.url}/", more="keep: {requisites: true}\n"))


def worker_of(served: Served) -> psutil.Process:
    [worker] = psutil.Process(served.process.pid).children()
    return worker


def begun(served: Served) -> str:
    """A run that has fetched some pages."""
    run: str = served.ask("POST", "/api/v1/sources/gazette/runs").json["id"]
    eventually(lambda: served.get(f"/api/v1/runs/{run}").json["pages"] >= 3)
    return run


def runs_of(served: Served) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = served.get("/api/v1/runs").json["items"]
    return runs


def run_of(served: Served, run: str) -> dict[str, Any]:
    shape: dict[str, Any] = served.get(f"/api/v1/runs/{run}").json
    return shape


@pytest.mark.parametrize("stall", ["hang", pytest.param("spin", marks=pytest.mark.costly)])
def test_a_worker_whose_loop_stalls_is_replaced_and_its_run_resumes(
    household: Household, slow_paper: Newspaper, stall: str
) -> None:
    prepare(household, slow_paper, stall, "3s")
    with household.serving() as served:
        run = begun(served)
        worker = worker_of(served)
        worker.send_signal(signal.SIGUSR2)
        named = eventually(lambda: problem_of(served), within=PATIENCE)
        reason = eventually(lambda: run_of(served, run)["reason"], within=PATIENCE)
        page = served.get(f"/runs/{run}").text
        over = eventually(lambda: (shape := run_of(served, run))["status"] == "over" and shape, within=PATIENCE)
        metrics = served.get("/metrics").text
        log = served.log.read_text()

    assert named.startswith("the crawling process made no progress for 3 seconds")
    assert reason.startswith(
        "the run was interrupted: the crawling process made no progress for 3 seconds, so Pressmark ended it; a bug "
        "report should name this place in the code: "
    )
    assert "made no progress for 3 seconds" in page
    assert (over["outcome"], over["attempt"]) == ("done", 2)
    assert "pressmark_worker_stalls_total 1.0" in metrics
    assert f"in {stall}" in log
    assert not worker.is_running()


@pytest.mark.slow
@pytest.mark.costly
def test_a_stalled_worker_whose_service_was_killed_ends_by_itself_and_the_next_resumes(
    household: Household, slow_paper: Newspaper
) -> None:
    prepare(household, slow_paper, "spin", "1.5s")
    with household.serving() as served:
        begun(served)
        worker = worker_of(served)
        served.process.send_signal(signal.SIGSTOP)  # so that it does not notice the stall before it dies
        worker.send_signal(signal.SIGUSR2)
        eventually(lambda: "the process stalls" in served.log.read_text())
        served.process.kill()
        served.process.wait()
        try:
            eventually(lambda: not worker.is_running(), within=PATIENCE)
        finally:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        log = served.log.read_text()
    with household.serving() as served:
        eventually(lambda: all(run["status"] == "over" for run in runs_of(served)), within=PATIENCE)
        [run] = runs_of(served)

    assert "in spin" in log
    assert (run["outcome"], run["attempt"]) == ("done", 2)


def problem_of(served: Served) -> str | None:
    said: dict[str, str] = served.get("/readyz").json["problems"]
    return said.get("worker")


@pytest.mark.costly
def test_a_stalled_worker_stays_and_nobody_reports_it_without_the_watchdog(
    household: Household, slow_paper: Newspaper
) -> None:
    prepare(household, slow_paper, "spin", "0s")
    household.environment["PRESSMARK_WORKER__LEASE"] = "1h"  # on a busy machine those seconds of CPU take minutes
    with household.serving(kill=True) as served:
        run = begun(served)
        worker = worker_of(served)
        worker.send_signal(signal.SIGUSR2)
        before = sum(worker.cpu_times()[:2])
        eventually(lambda: sum(worker.cpu_times()[:2]) > before + 12, within=PATIENCE)

        assert served.get("/readyz").status == 200
        assert worker_of(served) == worker
        assert run_of(served, run)["status"] == "running"


@pytest.mark.costly
def test_a_thread_that_breaks_ends_the_worker(household: Household, slow_paper: Newspaper) -> None:
    prepare(household, slow_paper, "lose_a_thread", "30s")
    with household.serving() as served:
        run = begun(served)
        worker = worker_of(served)
        worker.send_signal(signal.SIGUSR2)
        over = eventually(lambda: (shape := run_of(served, run))["status"] == "over" and shape, within=PATIENCE)
        log = served.log.read_text()

    assert not worker.is_running()
    assert "the thread lost failed" in log
    assert over["outcome"] == "done"


@pytest.mark.costly
@pytest.mark.parametrize("stall", ["hang", "spin"])
def test_a_stalled_command_ends_with_a_sentence_and_the_next_resumes(
    household: Household, slow_paper: Newspaper, stall: str
) -> None:
    prepare(household, slow_paper, stall, "3s")
    with subprocess.Popen(
        household.command("run", "gazette"), env=household.env(), stderr=subprocess.PIPE, text=True
    ) as command:
        eventually(lambda: len(slow_paper.asked) >= 8)
        os.kill(command.pid, signal.SIGUSR2)
        _, said = command.communicate(timeout=PATIENCE)
    asked = len(slow_paper.asked)
    household.run("run", "gazette")

    assert command.returncode == -signal.SIGKILL
    assert "error: the crawling process made no progress for 3 seconds, so Pressmark ended it; a bug report" in said
    assert "it is killed; the next run continues" in said
    assert f"in {stall}" in said
    assert len({one.path for one in slow_paper.asked}) > asked // 2
