"""A thread keeps to one core; a process that it starts has all cores that the thread had before."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from archive.values.core_affinity import allowed_cores, kept_to, on_all_cores

CORES = frozenset(os.sched_getaffinity(0))
pytestmark = pytest.mark.skipif(len(CORES) < 2, reason="needs two cores")


def cores_of_a_child() -> set[int]:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        return os.sched_getaffinity(child.pid)


def test_a_process_started_on_all_cores_does_not_inherit_the_one_core() -> None:
    with kept_to(max(CORES)):
        with on_all_cores():
            started = cores_of_a_child()
        own, inherited = os.sched_getaffinity(0), cores_of_a_child()

    assert started == CORES
    assert own == inherited == {max(CORES)}  # the control: without `on_all_cores` it does
    assert os.sched_getaffinity(0) == CORES


def test_the_cores_before_are_known_while_a_thread_keeps_to_one() -> None:
    with kept_to(min(CORES)):
        assert allowed_cores() == CORES
    with kept_to(None):
        assert os.sched_getaffinity(0) == allowed_cores() == CORES


def test_a_thread_that_was_moved_meanwhile_stays_there() -> None:
    with kept_to(min(CORES)):
        os.sched_setaffinity(0, {max(CORES)})  # as `taskset` does
        with on_all_cores():
            assert os.sched_getaffinity(0) == {max(CORES)}


def test_cores_that_taskset_took_away_are_not_used() -> None:
    code = (
        "import os; from archive.values.core_affinity import *\n"
        "from pressmark.processes.cores import answering_core, one_core\n"
        "with answering_core(1), one_core(), on_all_cores(): print(allowed_cores())"
    )
    last = max(CORES)
    command = ["taskset", "-c", str(last), sys.executable, "-c", code]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    assert found.strip() == f"frozenset({{{last}}})"


def test_a_core_that_is_not_there_is_not_used() -> None:
    with kept_to(1023), on_all_cores():
        assert os.sched_getaffinity(0) == CORES
