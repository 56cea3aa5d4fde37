"""Processes of a service keep the settings of its start, whatever the files say, until the service starts again."""

from __future__ import annotations

from contextlib import suppress

import psutil
import pytest
from journeys.household import Household, Served
from services.waiting import eventually

PATIENCE = 300.0


def child_of(served: Served, command: str) -> psutil.Process | None:
    for child in psutil.Process(served.process.pid).children():
        with suppress(psutil.Error):  # one that has ended meanwhile
            if command in child.cmdline():
                return child
    return None


def is_ready(served: Served) -> bool:
    return served.ask("GET", "/readyz").status == 200


def write(household: Household, worker: str) -> None:
    household.home.mkdir(parents=True, exist_ok=True)
    (household.home / "pressmark.yaml").write_text(f"worker: {{name: {worker}}}\nhttp: {{processes: 2}}\n", "utf-8")


@pytest.mark.timeout(900)
@pytest.mark.costly
def test_processes_that_start_again_have_the_settings_of_the_service(household: Household) -> None:
    write(household, "first")
    with household.serving() as served:
        eventually(lambda: is_ready(served), within=PATIENCE)
        write(household, "second")
        for command in ("work", "answer"):
            before = child_of(served, command)
            assert before is not None
            before.kill()
            eventually(lambda: (now := child_of(served, command)) and now.pid != before.pid, within=PATIENCE)  # noqa: B023
        eventually(lambda: is_ready(served), within=PATIENCE)
        kept = sorted(each.name for each in (household.home / "spool").iterdir() if each.is_dir())
    with household.serving() as served:
        eventually(lambda: is_ready(served), within=PATIENCE)
        spools = sorted(each.name for each in (household.home / "spool").iterdir() if each.is_dir())

    assert kept == ["first"]
    assert spools == ["first", "second"]
