"""Count the calls of functions: a cost that does not depend on the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(work: Callable[[], object], *names: str) -> int:
    """Return how many functions of these names are called, of Python and of C; of any name, when none is given."""
    count = 0

    def note(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            name = frame.f_code.co_name if event == "call" else argument.__name__
            count += not names or name in names

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count
