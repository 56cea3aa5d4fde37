"""Writes that no answer waits for."""

from __future__ import annotations

from functools import partial
from threading import Event

from pressmark.service.later import _MOST, Later


def test_writes_are_done_one_after_another_and_one_that_fails_stops_none() -> None:
    later, done, free = Later(), list[int](), Event()
    later.do(lambda: free.wait(20))
    later.do(lambda: 1 // 0)
    for number in range(3):
        later.do(partial(done.append, number))
    assert done == []
    free.set()
    later.finish(20)

    assert done == [0, 1, 2]
    later.do(lambda: done.append(3))
    later.finish(20)
    assert done == [0, 1, 2, 3], "a new thread does what comes later"


def test_a_busy_database_makes_no_endless_queue() -> None:
    later, done, begun, free = Later(), list[int](), Event(), Event()
    later.do(lambda: (begun.set(), free.wait(20)))
    assert begun.wait(20)
    for number in range(_MOST + 5):
        later.do(partial(done.append, number))
    later.finish(0.01)
    free.set()
    later.finish(20)

    assert done == list(range(_MOST))
