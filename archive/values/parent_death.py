"""End with the parent: the kernel kills a process whose parent ended, even one that lets no thread run."""

from __future__ import annotations

import ctypes
import signal
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
"""See prctl(2)."""


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, and what it becomes by exec(2), too. Only Linux can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
