"""Compare a set of a page's blocks with the gold text, and find the best set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

_MOST_ROUNDS = 4


class Choice:
    """A set of blocks and the gold text, as bags of words."""

    def __init__(self, blocks: Sequence[Counter[str]], gold: Counter[str], kept: Iterable[int]) -> None:
        self._blocks, self._gold = blocks, gold
        self.kept = set(kept)
        self._words = sum((blocks[number] for number in self.kept), Counter[str]())
        self._count = self._words.total()
        self._hits = (self._words & gold).total()

    @property
    def f1(self) -> float:
        return self._f1(self._hits, self._count)

    def improve(self) -> None:
        """Add or remove blocks one by one while the F1 rises."""
        for _ in range(_MOST_ROUNDS):
            if not sum([self._exchange(number) for number in range(len(self._blocks))]):
                return

    def _exchange(self, number: int) -> bool:
        block, sign = self._blocks[number], -1 if number in self.kept else 1
        changes = (
            min(self._words[word] + sign * count, self._gold[word]) - min(self._words[word], self._gold[word])
            for word, count in block.items()
        )
        hits, count = self._hits + sum(changes), self._count + sign * block.total()
        if self._f1(hits, count) <= self.f1:
            return False
        self.kept ^= {number}
        for word, times in block.items():
            self._words[word] += sign * times
        self._hits, self._count = hits, count
        return True

    def _f1(self, hits: int, count: int) -> float:
        whole = count + self._gold.total()
        return 2 * hits / whole if whole else 0.0
