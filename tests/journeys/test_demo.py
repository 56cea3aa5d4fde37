from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parent.parent.parent
DEMO = [sys.executable, "-m", "web_of_tests.demo"]


def environment(**facts: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PRESSMARK_")}
    return {**ours, "PYTHONPATH": "tests", **facts}


@contextmanager
def serving_demo(temporary: Path) -> Iterator[tuple[psutil.Process, list[psutil.Process]]]:
    """A demo whose service has printed its address, and what it has started."""
    facts = environment(TMPDIR=str(temporary))
    with subprocess.Popen(DEMO, cwd=ROOT, env=facts, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        started: list[psutil.Process] = []
        try:
            assert process.stdout is not None
            assert any(line.startswith(b"Pressmark is at ") for line in process.stdout)
            demo = psutil.Process(process.pid)
            started = demo.children(recursive=True)
            yield demo, started
        finally:
            process.kill()
            for each in started:
                with suppress(psutil.NoSuchProcess):
                    each.kill()


@pytest.mark.slow
def test_the_demo_archives_a_newspaper_and_shows_its_addresses() -> None:
    done = subprocess.run(
        DEMO, check=False, cwd=ROOT, env=environment(ONCE="1"), capture_output=True, text=True, timeout=240
    )

    assert done.returncode == 0, done.stderr
    assert "gazette done" in done.stderr
    assert "the second number first" in " ".join(done.stdout.split())
    for form in ("/snapshot/latest/http", "/latest/json/http", "/latest/text/http", "/latest/raw/http"):
        assert form in done.stdout


def test_a_demo_ended_by_sigterm_ends_the_processes_it_started(tmp_path: Path) -> None:
    with serving_demo(tmp_path) as (demo, started):
        assert any("serve" in process.cmdline() for process in started)
        demo.terminate()

        assert demo.wait(60) == 143
        _, left = psutil.wait_procs(started, 30)
        assert left == []
        assert list(tmp_path.iterdir()) == []


LEAVING = """
import subprocess, sys
from web_of_tests.demo import nothing_left
with nothing_left():
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid)
"""


def test_a_process_whose_start_a_signal_interrupted_is_ended_too() -> None:
    done = subprocess.run(
        (sys.executable, "-c", LEAVING), cwd=ROOT, env=environment(), capture_output=True, check=True, timeout=120
    )

    assert not psutil.pid_exists(int(done.stdout))
