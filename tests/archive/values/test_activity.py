"""An activity shows whether its thread makes progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.waiting import eventually

from archive.values.activity import Activity


@contextmanager
def at_work(activity: Activity, work: Callable[[threading.Event], object]) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=activity.doing, args=("ships a segment", lambda: work(over)))
    thread.start()
    try:
        eventually(lambda: activity.what == "ships a segment")
        yield
    finally:
        over.set()
        thread.join()


def test_a_waiting_thread_shows_no_sign_of_life() -> None:
    activity = Activity("the shipper")
    with at_work(activity, lambda over: over.wait()):
        eventually(lambda: activity.still(1.0) >= 100)

    assert (activity.still(1.0), activity.what) == (0.0, "waits")


def test_a_thread_with_slow_progress_is_alive() -> None:
    turns: list[int] = []

    def slowly(over: threading.Event) -> None:
        while not over.wait(0.01):
            turns.append(1)

    def further() -> float:
        seen = len(turns)
        eventually(lambda: len(turns) > seen)
        return activity.still(100.0)

    activity = Activity("the shipper")
    with at_work(activity, slowly):
        assert [further() for _ in range(20)] == [0.0] * 20


def test_an_idle_thread_does_not_count_as_stalled() -> None:
    assert [Activity("the shipper").still(1000.0) for _ in range(3)] == [0.0] * 3


def test_pieces_of_work_are_distinguished() -> None:
    activity = Activity("the shipper")
    for _ in range(5):
        with activity.at("ships a segment"):
            assert activity.still(1000.0) == 0.0
            time.sleep(0)
