"""Which pages of threads a run has read, compared with the pages that the threads say they have. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class ThreadPosition(NamedTuple):
    """What one page of a thread says of the whole thread."""

    home: str
    """The URL of the thread's first page."""
    number: int | None
    """The number of this page, from 1; None if it does not say."""
    pages: int
    """How many pages the thread has."""


class ThreadPage(NamedTuple):
    """A page of a thread that was read."""

    root: int
    """The row of the frontier through which the walk reached the thread."""
    url: str
    """The URL of that row."""
    from_first: int
    """Whether that row is the thread's first page."""
    home: str
    number: int | None
    pages: int


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A thread with missing pages."""

    url: str
    missing: str
    """The missing page numbers: ``2-7``, ``3, 5-7``."""
    pages: int
    """How many pages the thread has."""


def incomplete(read: Sequence[ThreadPage]) -> list[Incomplete]:
    """Return the threads with unread pages, in the order of the walk.

    Pages before the one through which the walk reached a thread do not count as missing: an earlier run has them.
    """
    return [each for thread in _threads(read) if (each := _incomplete(thread)) is not None]


def _threads(read: Iterable[ThreadPage]) -> Iterator[list[ThreadPage]]:
    """Group the pages by thread.

    Pages belong to one thread if they name the same first page, or one led to the other.
    """
    groups: dict[int | str, list[ThreadPage]] = {}
    for page in read:
        one, other = groups.get(page.root), groups.get(page.home)
        group = one if one is not None else other if other is not None else []
        if one is not None and other is not None and one is not other:
            one += other
            groups.update((key, one) for each in other for key in (each.root, each.home))
        group.append(page)
        groups[page.root] = groups[page.home] = group
    yield from {id(group): group for group in groups.values()}.values()


def _incomplete(thread: Sequence[ThreadPage]) -> Incomplete | None:
    pages = max(page.pages for page in thread)
    numbers = {page.number for page in thread if page.number is not None}
    first = 1 if any(page.from_first for page in thread) else min(numbers, default=1)
    missing = [number for number in range(first, pages + 1) if number not in numbers]
    unnumbered = sum(page.number is None for page in thread)
    missing = missing[unnumbered:]  # they count as the first pages whose numbers are not taken
    return Incomplete(thread[0].url, _ranges(missing), pages) if missing else None


def _ranges(numbers: Iterable[int]) -> str:
    """Format ascending numbers as ranges: ``3, 5-7``."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, number in enumerate(numbers):
        groups[number - place].append(number)
    return ", ".join(f"{group[0]}-{group[-1]}" if len(group) > 1 else f"{group[0]}" for group in groups.values())
