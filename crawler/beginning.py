"""What a run begins with, besides its seeds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from archive.pages import Owed
from crawler.admission import Admission
from crawler.frontier import Frontier

T = TypeVar("T")
_SLICE = 100
"""URLs that are looked at at once."""


async def take_up(frontier: Frontier, admission: Admission, owed: Sequence[Owed]) -> None:
    """What a run that goes on had let in before, and what an earlier run left.

    In slices, between which other runs have their turn.
    """
    for urls in _slices(frontier.let_in()):
        admission.go_on(urls)
        await asyncio.sleep(0)
    for left in _slices(owed):
        there = frontier.seen([one.url for one in left])
        frontier.add(admission.left(one for one in left if one.url not in there))
        await asyncio.sleep(0)


def _slices(of: Iterable[T]) -> Iterator[list[T]]:
    left = iter(of)
    while some := list(islice(left, _SLICE)):
        yield some
