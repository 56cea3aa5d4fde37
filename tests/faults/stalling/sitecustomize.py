"""A fault that a test injects into a process of ours: on SIGUSR2 its main thread, or another one, breaks.

Python imports this module at its start when this directory is in PYTHONPATH. `STALL` in the environment says how.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from threading import Thread
from types import FrameType


def spin() -> None:
    """Hold the interpreter lock: no other thread gets a turn."""
    re.match("(a+)+$", "a" * 80 + "!")


def hang() -> None:
    """Wait forever."""
    time.sleep(1_000_000)


def lose_a_thread() -> None:
    def breaks() -> None:
        raise LookupError("the thread is lost")

    Thread(target=breaks, name="lost").start()


STALLS: dict[str, Callable[[], None]] = {"spin": spin, "hang": hang, "lose_a_thread": lose_a_thread}


def stall(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"the process stalls\n")
    STALLS[os.environ["STALL"]]()


signal.signal(signal.SIGUSR2, stall)
