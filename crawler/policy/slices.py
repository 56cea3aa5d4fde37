"""Process long sequences in slices, and let other runs of the process take turns in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
SLICE = 100
"""URLs that are processed in one slice."""


def slices(of: Iterable[T]) -> Iterator[list[T]]:
    left = iter(of)
    while some := list(islice(left, SLICE)):
        yield some
