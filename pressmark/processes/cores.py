"""Which cores the threads of a worker run on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

_LOOK_SECONDS = 0.1


@contextmanager
def one_core(wanted: bool = True) -> Iterator[None]:
    """Keep the calling thread, and the threads that it starts, on the least busy core.

    They take turns at the interpreter's lock, so that a second core is of no use to them; on two cores, each turn wakes
    the other core, which cost a quarter of the CPU of a page (docs/decisions/0010-one-core.md). Does nothing where the
    system can't, or where there is one core.
    """
    if not wanted or not hasattr(os, "sched_setaffinity") or len(before := os.sched_getaffinity(0)) < 2:
        yield
        return
    os.sched_setaffinity(0, {_idlest(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _idlest(cores: set[int]) -> int:
    busy = psutil.cpu_percent(_LOOK_SECONDS, percpu=True)
    return min(cores, key=lambda core: busy[core] if core < len(busy) else 100.0)
