"""A thread that can't be confined: it has entered as many Landlock rulesets as there can be."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_SET_NO_NEW_PRIVS, _CREATE_RULESET, _RESTRICT_SELF, _MAKE_BLOCK_DEVICES = 38, 444, 446, 1 << 11
_MOST = 16
"""See landlock(7)."""


def without_landlock(work: Callable[[], T]) -> T:
    """Return the result of `work`, done in a thread that can enter no more rulesets."""
    with ThreadPoolExecutor(1, initializer=_enter_rulesets) as threads:
        return threads.submit(work).result()


def _enter_rulesets() -> None:
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    ruleset = libc.syscall(_CREATE_RULESET, struct.pack("Q", _MAKE_BLOCK_DEVICES), 8, 0)
    for _ in range(_MOST):
        assert libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
