"""How many processes the setting `auto` means: the cores that this process may use, and at most four."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pressmark.service.core_count import number_of

BOUND = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})"
SHOW = "from pressmark.service.core_count import number_of; print(number_of('auto'), number_of(7))"


def shown(before: str) -> str:
    command = [sys.executable, "-c", f"{before}\n{SHOW}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.strip()


@pytest.mark.parametrize("number", [1, 2, 64])
def test_a_number_is_itself(number: int) -> None:
    assert number_of(number) == number


def test_a_process_that_may_use_one_core_gets_one() -> None:
    assert shown(BOUND) == "1 7"


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (3, 3), (4, 4), (64, 4)])
def test_auto_is_the_number_of_cores_up_to_four(cores: int, processes: int) -> None:
    assert shown(f"import os; os.sched_getaffinity = lambda process: set(range({cores}))") == f"{processes} 7"
