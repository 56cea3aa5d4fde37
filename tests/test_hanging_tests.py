"""A test that hangs ends by its name, also if cleaning up after it hangs: one of them once held the whole suite."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import product
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


Tried = Callable[[str, bool], subprocess.Popen[str]]


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    """Tests that hang, with the alarm after two seconds, each with and without what the suite does: all at once."""
    begun: dict[tuple[str, bool], subprocess.Popen[str]] = {}
    with ExitStack() as stack:
        for written, ours in product([DEAF, DEAF_FIXTURE], [True, False]):
            directory = tmp_path_factory.mktemp("deaf")
            (directory / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS.parent} {TESTS}\n")
            (directory / "test_deaf.py").write_text(written)
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--timeout=2"]
            command += ["-p", "conftest", "test_deaf.py"] if ours else ["test_deaf.py"]
            process = subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True)
            stack.enter_context(process)
            stack.callback(process.kill)
            begun[written, ours] = process
        yield lambda written, ours: begun[written, ours]


def printed_by(process: subprocess.Popen[str], within: float) -> str:
    return process.communicate(timeout=within)[0]


def test_a_test_that_hangs_in_its_cleaning_up_fails_and_the_next_one_runs(tried: Tried) -> None:
    printed = printed_by(tried(DEAF, True), within=300)
    assert "FAILED test_deaf.py::test_that_hangs" in printed
    assert "1 failed, 1 passed" in printed


def test_a_failed_test_whose_fixture_hangs_ends_and_the_next_one_runs(tried: Tried) -> None:
    printed = printed_by(tried(DEAF_FIXTURE, True), within=300)
    assert "ERROR test_deaf.py::test_that_fails" in printed
    assert "1 failed, 1 passed, 1 error" in printed


@pytest.mark.parametrize("written", [DEAF, DEAF_FIXTURE], ids=["test", "fixture"])
def test_control_a_single_alarm_does_not_end_it(tried: Tried, written: str) -> None:
    printed_by(tried(written, True), within=300)  # then the other has had as long, and longer than a second alarm needs

    with pytest.raises(subprocess.TimeoutExpired):
        printed_by(tried(written, False), within=1)
