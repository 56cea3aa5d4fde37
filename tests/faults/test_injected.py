"""The kernel returns EIO, ENOSPC or a short count, or the process dies at that call.

Nothing is acknowledged falsely.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import figure
from faults.spool_checker import Checker
from faults.test_kill import CHILD, ENVIRONMENT

from archive.spool.recovery import recover

CALLS = "write,fdatasync,fsync,rename,ftruncate,unlink"
COUNT = 14

STUMBLES = [
    "fdatasync:error=EIO:when={n}",
    "fsync:error=EIO:when={n}",
    "write:error=EIO:when={n}",
    "write:error=ENOSPC:when={n}",
    "write:retval=7:when={n}",
    "rename:error=EIO:when={n}",
    "fdatasync:error=EIO:when={n}+",
    "fsync:error=EIO:when={n}+",
    "write:error=ENOSPC:when={n}+",
    "rename:error=EIO:when={n}+",
    "ftruncate,fdatasync:error=EIO:when={n}+",
]
DEATHS = ["write", "fdatasync", "fsync", "rename"]

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to put faults into system calls"),
]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """How often the recorder's thread makes each call without faults."""
    directory = tmp_path_factory.mktemp("calls")
    log = directory / "log"
    said, status = traced(directory / "spool", "-o", log)
    assert (said[-1], status) == ("over", 0)
    lines = [line.split(None, 1) for line in log.read_text().splitlines()]
    recorder = next(thread for thread, call in lines if call.startswith("fdatasync"))
    return Counter(call.partition("(")[0] for thread, call in lines if thread == recorder)


def chosen(calls: Counter[str], call: str, some: int = 1) -> list[int]:
    """Return the calls that the fault hits: all unless this is only a sample."""
    every = range(1, max(2, calls[call]) + 1)
    return figure(random.SystemRandom().sample(every, some), list(every), list(every))


def traced(spool: Path, *options: str | Path, eager: bool = False) -> tuple[list[str], int]:
    """Record under strace; return what the child said, and how it ended."""
    child = [sys.executable, CHILD, spool, "0", str(COUNT), *(["eager"] if eager else [])]
    command = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", *options, *child]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
    return done.stdout.decode().splitlines(), done.returncode


def run(spool: Path, fault: str, *, eager: bool = False) -> tuple[list[str], int]:
    return traced(spool, "-o", os.devnull, "-e", f"inject={fault}", eager=eager)


def kept(said: list[str]) -> set[str]:
    return {line.split()[1] for line in said if line.startswith("kept")}


def problems(spool: Path, said: list[str]) -> list[str]:
    recover(spool, now=lambda: datetime.now(UTC))
    return Checker(spool).problems(kept(said))


@pytest.mark.parametrize("fault", STUMBLES)
def test_a_disk_with_errors_is_never_believed(fault: str, calls: Counter[str], tmp_path: Path) -> None:
    for n in chosen(calls, fault.partition(":")[0]):
        spool = tmp_path / str(n)
        said, status = run(spool, fault.format(n=n))

        assert problems(spool, said) == [], fault.format(n=n)
        if "ready" in said:
            answered = [line for line in said if line.startswith(("kept", "refused"))]
            assert (len(answered), said[-1], status) == (COUNT, "over", 0), fault.format(n=n)
        if "ready" in said and "+" not in fault and "ENOSPC" not in fault:
            assert len(kept(said)) == COUNT, fault.format(n=n)


def test_the_recorder_itself_seals_again_a_segment_that_failed_an_fsync(tmp_path: Path) -> None:
    said, status = run(tmp_path, "fdatasync:error=EIO:when=5")

    assert (len(kept(said)), said[-1], status) == (COUNT, "over", 0)
    assert list((tmp_path / "open").iterdir()) == []
    assert Checker(tmp_path).problems(kept(said)) == []


@pytest.mark.parametrize("call", DEATHS)
def test_death_at_any_call_loses_nothing_acknowledged(call: str, calls: Counter[str], tmp_path: Path) -> None:
    for n in chosen(calls, call, 2):
        spool = tmp_path / str(n)
        said, status = run(spool, f"{call}:signal=SIGKILL:when={n}")

        assert status == -signal.SIGKILL
        assert problems(spool, said) == [], f"{call} {n}"


@pytest.mark.parametrize("call", DEATHS)
def test_repeated_death_in_recovery_converges(call: str, tmp_path: Path) -> None:
    said, _ = run(tmp_path, "fdatasync:signal=SIGKILL:when=12")
    assert len(kept(said)) > 4
    for n in range(1, figure(3, 9, 76)):
        run(tmp_path, f"{call}:signal=SIGKILL:when={n}")

    recover(tmp_path, now=lambda: datetime.now(UTC))
    found = [problem for problem in Checker(tmp_path).problems(kept(said)) if not problem.startswith("twice")]
    assert found == []


@pytest.mark.parametrize("fault", ["fdatasync:error=EIO:when=5+", "write:signal=SIGKILL:when=5"])
def test_a_recorder_that_acknowledges_before_the_fsync_is_caught(fault: str, tmp_path: Path) -> None:
    said, _ = run(tmp_path, fault, eager=True)

    assert [problem for problem in problems(tmp_path, said) if problem.startswith("lost")]
