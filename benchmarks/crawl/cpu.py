"""CPU of a process, all its threads."""

from __future__ import annotations

import resource


def cpu(who: int = resource.RUSAGE_SELF) -> float:
    """Seconds of user and system time."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime
