"""The collector of cycles rests while a page is read.

A page becomes some ten thousands of objects that live until it is read, and stand in no cycles: the collector would
walk them many times, with all else that the process holds, and free nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """For a `with`, or for a function as its decorator. Whoever had switched it off finds it off."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
