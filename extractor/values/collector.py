"""Pause the cyclic garbage collector while a page is read, and run it rarely while pages are crawled.

Reading a page creates tens of thousands of objects without cycles: the collector would walk over them, and all other
objects of the process, many times and free nothing. Crawling leaves no cycles either, and with Python's own thresholds
the collector takes a twentieth of its CPU. A short command takes a third of its CPU for it: half while it imports, half
when the interpreter ends and examines all objects once more.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS, _TIMES = 5_000, 20
"""New objects between two collections, and collections before older objects are examined. Python has 700 and 10."""
_OF_A_COMMAND = 150_000
"""More than what a short command imports and builds. As garbage so many objects would take some 30 MB."""


@contextmanager
def resting() -> Iterator[None]:
    """Pause collection, as a context manager or decorator. If it was off before, it stays off."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def seldom(new_objects: int = _NEW_OBJECTS) -> Iterator[None]:
    """Collect a seventh as often inside a `with`, or after so many new objects. Restore the thresholds afterwards."""
    before = gc.get_threshold()
    gc.set_threshold(new_objects, _TIMES, _TIMES)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def for_a_command() -> Iterator[None]:
    """Collect rarely inside a `with`, and never what is alive at its end: the process ends then, with its memory."""
    with seldom(_OF_A_COMMAND):
        try:
            yield
        finally:
            gc.freeze()
