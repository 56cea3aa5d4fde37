"""Find what two sequences have in common, in bounded time for any input."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

_CELLS = 1 << 28
"""Pairs of items that are compared, of 64 at a time: a fifth of a second and 32 MiB."""
_PAIRS = 1 << 15
"""Pairs of lines that are weighed against each other."""


class Match(NamedTuple):
    """`length` equal items, from these positions on."""

    old: int
    new: int
    length: int


class Budget:
    """The remaining cost of a comparison. When it is used up, the result is coarser, and never wrong."""

    def __init__(self, cells: int = _CELLS, pairs: int = _PAIRS) -> None:
        self._cells = cells
        self._pairs = pairs

    def takes_cells(self, cells: int) -> bool:
        if cells > self._cells:
            return False
        self._cells -= cells
        return True

    def takes_pairs(self, pairs: int) -> bool:
        if pairs > self._pairs:
            return False
        self._pairs -= pairs
        return True


def matches(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> list[Match]:
    """Return common runs, in order: the longest common subsequence, as far as the budget allows."""
    one, other = numbered(old, new)
    begins = _common(one, other)
    ends = _common(one[begins:][::-1], other[begins:][::-1])
    middle = _middle(one[begins : len(one) - ends], other[begins : len(other) - ends], budget)
    found = [Match(0, 0, begins)]
    found += (Match(match.old + begins, match.new + begins, match.length) for match in middle)
    found.append(Match(len(one) - ends, len(other) - ends, ends))
    return list(_joined(match for match in found if match.length))


def likeness(old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget) -> float:
    """Return the similarity: 1 for equal sequences, 0 for nothing in common or an exhausted budget."""
    if old == new:
        return 1.0
    if not budget.takes_cells(len(old) * len(new)):
        return 0.0
    from rapidfuzz.distance import LCSseq  # late: it takes a twentieth of the start of a service

    return float(LCSseq.normalized_similarity(*numbered(old, new)))


def numbered(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[list[int], list[int]]:
    """Return the items as numbers, equal for equal items."""
    numbers: dict[Hashable, int] = {}
    one = [numbers.setdefault(item, len(numbers)) for item in old]
    return one, [numbers.setdefault(item, len(numbers)) for item in new]


def _joined(found: Iterable[Match]) -> Iterator[Match]:
    """Join adjacent runs, so that there is a difference between any two."""
    last: Match | None = None
    for match in found:
        if last and (last.old + last.length, last.new + last.length) == (match.old, match.new):
            last = last._replace(length=last.length + match.length)
            continue
        if last:
            yield last
        last = match
    if last:
        yield last


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """Return the length of the common prefix."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)


def _middle(one: list[int], other: list[int], budget: Budget) -> Iterator[Match]:
    if budget.takes_cells(len(one) * len(other)):
        yield from _subsequence(one, other)
        return
    at_one = at_other = 0
    for anchor in [*_anchors(one, other), Match(len(one), len(other), 0)]:
        gap = one[at_one : anchor.old], other[at_other : anchor.new]
        if gap[0] and gap[1] and budget.takes_cells(len(gap[0]) * len(gap[1])):
            for match in _subsequence(*gap):
                yield Match(match.old + at_one, match.new + at_other, match.length)
        yield anchor
        at_one, at_other = anchor.old + 1, anchor.new + 1


def _subsequence(one: list[int], other: list[int]) -> Iterator[Match]:
    from rapidfuzz.distance import LCSseq

    for block in LCSseq.opcodes(one, other):
        if block.tag == "equal":
            yield Match(block.src_start, block.dest_start, block.src_end - block.src_start)


def _anchors(one: list[int], other: list[int]) -> list[Match]:
    """Return unique common items in the same order, as many as possible (patience diff)."""
    once = {item for item, count in Counter(one).items() if count == 1}
    once &= {item for item, count in Counter(other).items() if count == 1}
    place = {item: at for at, item in enumerate(other) if item in once}
    tops: list[int] = []
    piles: list[tuple[int, int]] = []
    below: dict[int, tuple[int, int] | None] = {}
    for at, item in enumerate(one):
        if item not in once:
            continue
        pile = bisect_left(tops, place[item])
        below[at] = piles[pile - 1] if pile else None
        tops[pile : pile + 1] = [place[item]]
        piles[pile : pile + 1] = [(at, place[item])]
    chain: list[Match] = []
    link = piles[-1] if piles else None
    while link is not None:
        chain.append(Match(*link, 1))
        link = below[link[0]]
    return chain[::-1]
