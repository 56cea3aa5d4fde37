"""Keep threads on one core, and start processes that do not inherit this."""

from __future__ import annotations

import os
from collections.abc import Collection, Coroutine, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import coroutine
from typing import Any, TypeVar

_Made = TypeVar("_Made")
_before: dict[int, frozenset[int]] = {}
"""By a core to which threads of this process keep: the cores that they had before."""


def allowed_cores() -> frozenset[int]:
    """Return the cores that the calling thread may use, before it or the one that started it kept to one of them.

    They are those of `taskset`, of a container or of the machine; empty where the system can't tell.
    """
    if not hasattr(os, "sched_getaffinity"):
        return frozenset()
    now = frozenset(os.sched_getaffinity(0))
    return _before.get(min(now), now) if len(now) == 1 else now


@contextmanager
def kept_to(core: int | None) -> Iterator[None]:
    """Keep the calling thread, and the threads that it starts meanwhile, to this core. None: to all that it may use."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = frozenset(os.sched_getaffinity(0))
    _before.setdefault(core, before)
    _use({core})
    try:
        yield
    finally:
        _use(before)
        if _before.get(core) == before:  # no outer one keeps to this core
            _before.pop(core, None)


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Let the calling thread use all its cores meanwhile: a process that it starts inherits them.

    A thread that `taskset` moved since it was kept to a core stays where it is.
    """
    allowed = allowed_cores()
    if not allowed or allowed == (before := os.sched_getaffinity(0)):
        yield
        return
    _use(allowed)
    try:
        yield
    finally:
        _use(before)


@coroutine
def begun_on_all_cores(starting: Coroutine[Any, Any, _Made]) -> Generator[Any, Any, _Made]:
    """Run a coroutine that starts a process: on all cores until it first waits, by when the process exists.

    What runs while it waits, and the threads started there, keep to their core.
    """
    step = partial(starting.send, None)
    try:
        with on_all_cores():
            waits = step()
        while True:
            try:
                step = partial(starting.send, (yield waits))
            except BaseException as error:  # it is cancelled
                step = partial(starting.throw, error)
            waits = step()
    except StopIteration as over:
        made: _Made = over.value
        return made


def _use(cores: Collection[int]) -> None:
    with suppress(OSError):  # a sandbox denies the call, or a container has lost these cores meanwhile
        os.sched_setaffinity(0, cores)
