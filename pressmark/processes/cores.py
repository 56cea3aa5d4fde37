"""Which cores the threads of a worker, and of a process that answers, run on."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

import psutil

from archive.values.core_affinity import allowed_cores, kept_to

_LOOK_SECONDS = 0.1


def one_core(wanted: bool = True) -> AbstractContextManager[None]:
    """Keep the calling thread, and the threads that it starts, on the least busy core.

    They take turns at the interpreter's lock, so that a second core is of no use to them; on two cores, each turn wakes
    the other core, which cost a quarter of the CPU of a page (docs/decisions/0010-one-core.md). The core of the service
    that started this process is left to it. Does nothing where the system can't, or where there is one core.
    """
    allowed = allowed_cores() if wanted else frozenset()
    return kept_to(_idlest(allowed - _core_of_parent()) if len(allowed) > 1 else None)


def answering_core(number: int, *, wanted: bool = True) -> AbstractContextManager[None]:
    """Keep the calling thread, and the threads that it starts, on the core of a process that answers HTTP.

    The service has `number` 0, and they spread over all cores that they may use, from the last one on. As `one_core`,
    this does nothing where there is one core.
    """
    allowed = sorted(allowed_cores()) if wanted else []
    return kept_to(allowed[-1 - number % len(allowed)] if len(allowed) > 1 else None)


def _core_of_parent() -> frozenset[int]:
    try:
        cores = frozenset(os.sched_getaffinity(os.getppid()))
    except OSError:  # it ended
        return frozenset()
    return cores if len(cores) == 1 else frozenset()


def _idlest(cores: frozenset[int]) -> int:
    busy = psutil.cpu_percent(_LOOK_SECONDS, percpu=True)
    return min(sorted(cores), key=lambda core: busy[core] if core < len(busy) else 100.0)
