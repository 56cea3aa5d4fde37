"""kill -9 at any instant of recording, sealing and recovering: nothing acknowledged is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import FORM, figure
from faults.spool_checker import Checker

from archive.spool.recovery import recover

CHILD = Path(__file__).with_name("recording_child.py")
ROOT = CHILD.parent.parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}


def run_and_kill(spool: Path, first: int, seconds: float) -> list[str]:
    """Record for that long, then SIGKILL; return what the child has said."""
    command = [sys.executable, str(CHILD), str(spool), str(first), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT) as child:
        assert child.stdout
        said = [child.stdout.readline()] if seconds > 0.02 else []
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.readlines()
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


@pytest.mark.parametrize("part", range(4))
def test_kill_9_loses_nothing_acknowledged(part: int, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    checker, acknowledged = Checker(tmp_path), set[str]()

    for trial in range(figure(15, 50, 1250)):
        if trial >= 15 and len(acknowledged) > 20 and FORM == "sample":
            break  # on a busy machine, a child says little before its end
        said = run_and_kill(tmp_path, trial * 1_000_000, chance.choice([0.01, 0.05, 0.2]) * chance.random() * 2)
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
