"""A test that hangs ends by its name, also if cleaning up after it hangs: one of them once held the whole suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parent
DEAF = """
import asyncio

async def deaf():
    while True:
        try:
            await asyncio.sleep(1_000)
        except asyncio.CancelledError:
            pass

def test_that_hangs():
    asyncio.run(asyncio.wait_for(deaf(), 0.1))

def test_after_it():
    pass
"""
DEAF_FIXTURE = """
import pytest
import time

@pytest.fixture
def deaf():
    yield
    time.sleep(1_000)

def test_that_fails(deaf):
    assert False

def test_after_it():
    pass
"""


def tried(directory: Path, written: str, *options: str, within: float) -> str:
    """Run a test that hangs, with the alarm after two seconds, and return what pytest printed."""
    (directory / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS.parent} {TESTS}\n")
    (directory / "test_deaf.py").write_text(written)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--timeout=2", *options, "test_deaf.py"]
    return subprocess.run(command, cwd=directory, timeout=within, capture_output=True, text=True, check=False).stdout


def test_a_test_that_hangs_in_its_cleaning_up_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    printed = tried(tmp_path, DEAF, "-p", "conftest", within=300)
    assert "FAILED test_deaf.py::test_that_hangs" in printed
    assert "1 failed, 1 passed" in printed


def test_a_failed_test_whose_fixture_hangs_ends_and_the_next_one_runs(tmp_path: Path) -> None:
    printed = tried(tmp_path, DEAF_FIXTURE, "-p", "conftest", within=300)
    assert "ERROR test_deaf.py::test_that_fails" in printed
    assert "1 failed, 1 passed, 1 error" in printed


@pytest.mark.parametrize("written", [DEAF, DEAF_FIXTURE], ids=["test", "fixture"])
def test_control_a_single_alarm_does_not_end_it(tmp_path: Path, written: str) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        tried(tmp_path, written, within=20)
