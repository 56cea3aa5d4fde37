"""Which cores the threads of a worker, and of a process that answers, run on."""

from __future__ import annotations

import os
import random
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

    The service has `number` 0 and takes the least busy core; those that it starts take the next ones. As `one_core`,
    this does nothing where there is one core.
    """
    allowed = sorted(allowed_cores()) if wanted else []
    if len(allowed) < 2:
        return kept_to(None)
    of_service = _core_of_parent().intersection(allowed) if number else frozenset[int]()
    first = allowed.index(min(of_service) if of_service else _idlest(frozenset(allowed)))
    return kept_to(allowed[(first + number) % len(allowed)])


def _core_of_parent() -> frozenset[int]:
    try:
        cores = frozenset(os.sched_getaffinity(os.getppid()))
    except OSError:  # it ended
        return frozenset()
    return cores if len(cores) == 1 else frozenset()


def _idlest(cores: frozenset[int]) -> int:
    """Return the least busy core; of several, any: other services of this machine may choose at the same time."""
    busy = psutil.cpu_percent(_LOOK_SECONDS, percpu=True)
    return min(cores, key=lambda core: (busy[core] if core < len(busy) else 100.0, random.random()))  # noqa: S311
