"""Pause the cyclic garbage collector while a page is read.

Reading a page creates tens of thousands of objects without cycles: the collector would walk over them, and all other
objects of the process, many times and free nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
