"""The threads that take turns at the interpreter's lock stay on one core; no others do, nor what they start."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from archive.values.core_affinity import kept_to, on_all_cores
from pressmark.processes.cores import answering_core, one_core

pytestmark = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


def cores_of_a_new_thread() -> set[int]:
    found: list[set[int]] = []
    thread = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
    thread.start()
    thread.join()
    return found[0]


def test_the_thread_and_those_it_starts_share_one_core_until_the_end() -> None:
    before = os.sched_getaffinity(0)

    with one_core():
        own, started = os.sched_getaffinity(0), cores_of_a_new_thread()

    assert len(own) == 1
    assert started == own <= before
    assert os.sched_getaffinity(0) == before


def test_the_core_is_one_that_the_process_may_use() -> None:
    before = os.sched_getaffinity(0)
    last = max(before)
    os.sched_setaffinity(0, {last})
    try:
        with one_core():
            assert os.sched_getaffinity(0) == {last}
    finally:
        os.sched_setaffinity(0, before)


def test_all_cores_are_used_on_request() -> None:
    before = os.sched_getaffinity(0)

    with one_core(wanted=False):
        assert os.sched_getaffinity(0) == before


def started(code: str) -> set[int]:
    """Return the cores that a process keeps to which this one starts, as it says."""
    with on_all_cores():
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with child:
        return set(map(int, child.communicate(timeout=120)[0].split()))


def test_processes_that_answer_spread_over_the_cores_from_that_of_the_service_on() -> None:
    code = "import os; from pressmark.processes.cores import answering_core\n"
    allowed = sorted(os.sched_getaffinity(0))
    for first in (allowed[0], allowed[-1]):
        with kept_to(first):  # where the service is
            found = [
                started(f"{code}with answering_core({number}): print(*os.sched_getaffinity(0))") for number in (1, 2)
            ]
        at = allowed.index(first)
        assert found == [{allowed[(at + number) % len(allowed)]} for number in (1, 2)]
    with answering_core(0, wanted=False):
        assert sorted(os.sched_getaffinity(0)) == allowed


def test_services_that_begin_on_a_quiet_machine_do_not_all_take_the_same_core(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = os.sched_getaffinity(0)
    found = set[int]()

    def core_with(busy: list[float]) -> set[int]:
        monkeypatch.setattr("psutil.cpu_percent", lambda seconds, percpu: busy)
        with answering_core(0):
            assert cores_of_a_new_thread() == os.sched_getaffinity(0)
            return os.sched_getaffinity(0)

    for _ in range(64):
        found |= core_with([0.0] * 1024)
    assert len(found) > 1
    for idle in allowed:
        assert core_with([100.0 * (core != idle) for core in range(1024)]) == {idle}


def test_a_crawl_leaves_the_core_of_the_service_that_started_it_to_that() -> None:
    code = "import os; from pressmark.processes.cores import one_core\nwith one_core(): print(*os.sched_getaffinity(0))"
    for own in sorted(os.sched_getaffinity(0)):
        with kept_to(own):
            found = started(code)
        assert len(found) == 1
        assert found != {own}
