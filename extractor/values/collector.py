"""The collector of cycles rests while a page is read, and comes seldom while pages are crawled.

A page becomes some ten thousands of objects that live until it is read, and stand in no cycles: the collector would
walk them many times, with all else that the process holds, and free nothing. A page that is crawled leaves no cycles
either, and with Python's own thresholds the collector takes a twentieth of its CPU.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS, _TIMES = 5_000, 20
"""How many more objects there have to be, and how often they are looked at before older ones are. Python: 700, 10."""


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


@contextmanager
def seldom() -> Iterator[None]:
    """Look for cycles at a seventh of the times, for a `with`. Whoever had set thresholds finds them again."""
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, _TIMES, _TIMES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
