"""The shipper dies at the Nth system call, or the disk refuses it: shipping again gives one of everything."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import figure
from faults import shipping_child
from faults.shipping import works
from faults.test_kill import ENVIRONMENT
from faults.test_ship_killed import Made

from archive.store import open_store

FAULTS = [
    "fsync:signal=SIGKILL",
    "fsync:error=EIO",
    "rename:signal=SIGKILL",
    "unlink:signal=SIGKILL",
    "pwrite64:signal=SIGKILL",
    "rename:error=ENOSPC",
    "pwrite64:error=ENOSPC",
    "write:error=EINTR",
]
TRIED = figure(FAULTS[:1], FAULTS, FAULTS)
MOST = figure(6, 12, 60)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace, to put faults into system calls"),
]


def ship(directory: Path, fault: str | None = None) -> int:
    """Ship in a process of its own; return how it ended."""
    traced = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", os.devnull]
    traced += ["-e", f"trace={fault.partition(':')[0]}", "-e", f"inject={fault}"] if fault else []
    command = [*(traced if fault else ()), sys.executable, shipping_child.__file__, str(directory)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, timeout=120, check=False).returncode


@pytest.mark.parametrize("fault", TRIED)
def test_shipping_again_completes_what_a_fault_at_any_call_left(fault: str, tmp_path: Path) -> None:
    made = Made(tmp_path)
    for n in figure([random.SystemRandom().randint(1, MOST)], list(range(1, MOST)), list(range(1, MOST))):
        made.more(large=False)
        print(f"{fault} at {n}")
        ended = ship(tmp_path, f"{fault}:when={n}")
        assert "SIGKILL" not in fault or ended in (0, -signal.SIGKILL, 128 + signal.SIGKILL)
        assert ship(tmp_path) == 0

    with works(tmp_path, open_store(tmp_path / "store"), grace=timedelta(0)) as at:
        made.assert_all_there_once(at, in_order="SIGKILL" in fault)


def test_an_object_that_disappeared_is_caught(tmp_path: Path) -> None:
    made = Made(tmp_path)
    made.more(large=False)
    assert ship(tmp_path) == 0
    next((tmp_path / "store").rglob("*.cdxj*")).unlink()

    with works(tmp_path, open_store(tmp_path / "store"), grace=timedelta(0)) as at, pytest.raises(AssertionError):
        made.assert_all_there_once(at)
