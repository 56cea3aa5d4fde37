"""What is long is gone through in slices, between which other runs of the process have their turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
SLICE = 100
"""URLs that are looked at at once."""


def slices(of: Iterable[T]) -> Iterator[list[T]]:
    left = iter(of)
    while some := list(islice(left, SLICE)):
        yield some
