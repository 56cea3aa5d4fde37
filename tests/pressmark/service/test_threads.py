"""A thread beside a block of code."""

from __future__ import annotations

import threading

import pytest

from pressmark.service.threads import in_thread


def test_the_thread_runs_beside_the_block_and_has_ended_after_it() -> None:
    began, stopped, ended = threading.Event(), threading.Event(), threading.Event()

    def run() -> None:
        began.set()
        stopped.wait()
        ended.set()

    with pytest.raises(LookupError), in_thread("of a test", run, stopped.set):
        assert began.wait(60)
        assert not ended.is_set()
        raise LookupError

    assert ended.is_set()


def test_a_thread_that_does_not_end_is_waited_for_only_that_long() -> None:
    released = threading.Event()

    with in_thread("of a test", released.wait, lambda: None, ends_within=0.01):
        pass

    assert not released.is_set()
    released.set()
