"""kill -9 at any instant of recording, sealing and recovering: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from conftest import figure
from faults.spool_checker import Checker

from archive.spool.recovery import recover

CHILD = Path(__file__).with_name("recording_child.py")
ROOT = CHILD.parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
PATIENCE = 240
"""Seconds for a child to acknowledge what is waited for, on a machine with other load."""
STARTED = 0.3
"""Seconds of a start, recovery included, on a quiet machine."""


def run_and_kill(spool: Path, first: int, *, after: int | None, seconds: float) -> list[str]:
    """Record, and SIGKILL some seconds after so many exchanges are acknowledged; return what the child has said.

    With 0, it is ready to record; with None, it has only been started.
    """
    command = [sys.executable, str(CHILD), str(spool), str(first), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as child:
        assert child.stdout
        limit = Timer(PATIENCE, child.kill)
        limit.start()
        said = [] if after is None else list(islice(child.stdout, 1 + after))
        limit.cancel()
        assert after is None or len(said) == 1 + after, f"only {len(said)} of {1 + after} lines within {PATIENCE} s"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


def instant(trial: int, chance: random.Random) -> dict[str, Any]:
    """Choose an instant of death: after work, so that a slow machine does some too, or after a time alone."""
    match trial % 3:
        case 0:
            return {"after": chance.randint(5, 40), "seconds": chance.random() * 0.02}
        case 1:
            return {"after": 0, "seconds": chance.choice([0.05, 0.2]) * chance.random() * 2}
        case _:  # in its start, or while it recovers
            return {"after": None, "seconds": chance.choice([0.02, STARTED]) * chance.random()}


@pytest.mark.parametrize("part", [0, 1, *(pytest.param(part, marks=pytest.mark.costly) for part in (2, 3))])
def test_kill_9_loses_nothing_acknowledged(part: int, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    checker, acknowledged = Checker(tmp_path), set[str]()

    for trial in range(figure(15, 50, 1250)):
        said = run_and_kill(tmp_path, trial * 1_000_000, **instant(trial, chance))
        acknowledged |= {line.split()[1] for line in said if line.startswith("kept")}
        if chance.random() < 0.5:
            recover(tmp_path, now=lambda: datetime.now(UTC))
            assert checker.problems(acknowledged) == [], f"seed {seed}, trial {trial}"

    recover(tmp_path, now=lambda: datetime.now(UTC))
    assert checker.problems(acknowledged) == [], f"seed {seed}"
    assert len(acknowledged) > 20


def test_the_checker_sees_lost_and_torn_records(tmp_path: Path) -> None:
    command = [sys.executable, str(CHILD), str(tmp_path), "0", "14"]
    said = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True).stdout.split("\n")
    acknowledged = {line.split()[1] for line in said if line.startswith("kept")}
    assert Checker(tmp_path).problems(acknowledged) == []

    never_written = "https://example.org/999999"
    assert Checker(tmp_path).problems(acknowledged | {never_written}) == [f"lost: {never_written}"]
    torn = max((tmp_path / "sealed").glob("*.warc.gz"))
    os.truncate(torn, torn.stat().st_size - 9)
    assert Checker(tmp_path).problems(acknowledged) != []
