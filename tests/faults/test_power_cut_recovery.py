"""The power goes at a system call of recovery, and again in the recovery after that: the same bytes are kept."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import figure
from faults import recovering_child
from faults.spool_checker import Checker
from faults.test_kill import ENVIRONMENT
from faults.test_power_cut import Child, mounted, outer, pytestmark, sh  # noqa: F401 - a fixture, and what it needs

from archive.spool.recovery import recover

pytestmark = [*pytestmark, pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")]

CHAINS = figure(1, 10, 100)
"""Of three cuts, each in a recovery of what the one before left."""
CALLS = ("write", "fsync", "rename")
MOST = figure((3, 6), (3, 6, 12), (3, 6, 12))
"""At which call of a kind the first, the second and the third cut come at the latest."""


def recorded(outer: Path, base: Path) -> tuple[Path, set[str]]:  # noqa: F811
    """A disk on which a recorder worked until the power went, and what it had acknowledged."""
    with mounted(outer / "disk.img", base / "inner") as inner:
        child = Child(inner / "spool")
        try:
            child.keep(12)
            kept, image = child.kept(), outer / "cut-0.img"
            sh("cp", "--reflink=always", outer / "disk.img", image)
        finally:
            child.kill()
            shutil.rmtree(inner / "spool")
    return image, kept


def cut_in_recovery(image: Path, at: Path, to: Path, call: str, n: int, *options: str) -> None:
    """Recover on a disk until the nth call of a kind, at which the power goes: `to` is the disk as it is then."""
    with mounted(image, at) as disk:
        fault = ["-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={n}"]
        child = [sys.executable, recovering_child.__file__, str(disk / "spool"), *options]
        traced = ["strace", "-f", "-qq", "-o", os.devnull, *fault, *child]
        subprocess.run(traced, env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
        sh("cp", "--reflink=always", image, to)
    image.unlink()


def problems(image: Path, at: Path, kept: set[str]) -> list[str]:
    with mounted(image, at) as disk:
        recover(disk / "spool", now=lambda: datetime.now(UTC))
        return Checker(disk / "spool").problems(kept)


def test_a_power_cut_in_recovery_and_again_converges_with_the_same_bytes(outer: Path, tmp_path: Path) -> None:  # noqa: F811
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    first, kept = recorded(outer, tmp_path)
    for chain in range(CHAINS):
        image = outer / f"chain-{chain}.img"
        sh("cp", "--reflink=always", first, image)
        for number, most in enumerate(MOST):
            before, image = image, outer / f"chain-{chain}-{number}.img"
            cut_in_recovery(before, tmp_path / "cut", image, chance.choice(CALLS), chance.randint(1, most))
        assert problems(image, tmp_path / "cut", kept) == [], f"seed {seed}, chain {chain}"
        image.unlink()


def test_a_recovery_that_removes_a_segment_before_the_next_is_durable_loses_in_a_power_cut(
    outer: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    image, kept = recorded(outer, tmp_path)
    cut_in_recovery(image, tmp_path / "cut", outer / "after.img", "rename", 1, "hasty")

    assert any(problem.startswith("lost") for problem in problems(outer / "after.img", tmp_path / "cut", kept))
