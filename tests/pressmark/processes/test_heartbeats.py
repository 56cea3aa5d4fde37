"""What a worker tells its watchdog."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO

import pytest
from services.waiting import until

from archive.values.activity import Activity
from pressmark.processes.heartbeats import Heartbeats


def said(parts: Sequence[Activity], ending: Mapping[str, str], *, after: float, lines: int) -> list[bytes]:
    """Return the first lines that a process with these parts writes."""
    heard, told = os.pipe()
    os.set_blocking(heard, False)
    beats = Heartbeats(told)

    async def live() -> list[bytes]:
        with os.fdopen(heard, "rb", buffering=0) as pipe:
            found = [b""]
            task = asyncio.create_task(beats.run(after, parts, lambda: ending))
            await until(lambda: taken(pipe, found).count(b"\n") >= lines)
            task.cancel()
        return found[0].split(b"\n")

    try:
        return asyncio.run(live())
    finally:
        beats.close()


def taken(pipe: IO[bytes], found: list[bytes]) -> bytes:
    found[0] += pipe.read(1000) or b""
    return found[0]


def test_a_healthy_process_beats_and_reports_nothing() -> None:
    assert said([Activity("the shipper")], {}, after=0.1, lines=3) == [b"", b"", b"", b""]


def test_a_stopped_part_is_named() -> None:
    activity, over = Activity("the shipper"), threading.Event()
    thread = threading.Thread(target=activity.doing, args=("ships the segment x", over.wait))
    thread.start()
    try:
        lines = said([activity], {}, after=0.1, lines=4)
    finally:
        over.set()
        thread.join()

    assert any(line.startswith(b"stalled: the shipper made no progress for ") for line in lines)
    assert any(line.endswith(b" s while it ships the segment x") for line in lines)


def test_a_run_that_does_not_end_when_asked_is_named() -> None:
    lines = said([], {"r1": "the time limit of 5 minutes was reached"}, after=0.5, lines=2)

    assert b"stalled: the run r1 did not end within 1 s: the time limit of 5 minutes was reached" in lines


def test_nothing_is_named_when_the_watch_is_off() -> None:
    assert said([], {"r1": "the time limit of 5 minutes was reached"}, after=0, lines=4) == [b""] * 5


@pytest.mark.parametrize(("descriptor", "code", "printed"), [("1", 1, ""), ("None", 0, "survived\n")])
def test_only_a_process_whose_supervisor_may_die_ends_without_beats(descriptor: str, code: int, printed: str) -> None:
    program = f"""
import time
from pressmark.processes.heartbeats import ending_alone
with ending_alone({descriptor}, 0.005):
    time.sleep(2)  # the timer runs out after 0.4 s
    print("survived")
"""

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (code, printed)
    assert ("Timeout" in ended.stderr) == (descriptor == "1")
