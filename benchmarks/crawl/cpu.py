"""Measure the CPU of a process, with all threads."""

from __future__ import annotations

import resource


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """Return seconds of user and system time."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
