"""The threads that take turns at the interpreter's lock stay on one core; no others do."""

from __future__ import annotations

import os
import threading

import pytest

from pressmark.processes.cores import one_core

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
