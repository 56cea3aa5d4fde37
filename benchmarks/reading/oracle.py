"""What the best choice of blocks would reach: the bound of any model over them, and of the labels that models learn.

    python -m benchmarks.reading.oracle --data FILE

For each group of pages the F1 of the blocks that are labelled as text, and of the set of blocks that agrees best with
the gold (found by exchanging one block at a time).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.machine import called
from benchmarks.reading.data import Sample, samples
from benchmarks.reading.fields import tokens
from benchmarks.reading.labels import TEXT, label
from extractor.article import lay_out
from extractor.forum import forum_of
from extractor.metadata import read_metadata

_MOST_ROUNDS = 4


class Choice:
    """A set of blocks beside the gold, as bags of words."""

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
        """Take in or leave out blocks one by one as long as that makes the F1 higher."""
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


def bounds(sample: Sample) -> tuple[float, float]:
    """The F1 of a page's blocks as they are labelled, and of the best choice of them."""
    page = sample.page
    texts = lay_out(page, True if forum_of(page) is not None else read_metadata(page).thread).blocks.texts
    labels = label(sample.gold, texts)
    gold = Counter(tokens(sample.gold["text"]))
    choice = Choice([Counter(tokens(text)) for text in texts], gold, (n for n, one in enumerate(labels) if one == TEXT))
    labelled = choice.f1
    choice.improve()
    return labelled, choice.f1


def main() -> None:
    arguments = called("benchmarks.reading.oracle", __doc__)
    arguments.add_argument(
        "--data", type=Path, required=True, help="packed data (.tar.zst), or a directory of that form"
    )
    given = arguments.parse_args()
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for sample in samples(given.data):
        if sample.gold.get("text"):
            found = bounds(sample)
            for group in {sample.group, sample.gold["type"], f"{sample.gold['type']} of {sample.gold['ds']}"}:
                groups[group].append(found)
    print(f"{'':<34}{'pages':>6}{'labels':>8}{'best':>8}")
    for group, found in sorted(groups.items()):
        labelled, best = map(fmean, zip(*found, strict=True))
        print(f"{group:<34}{len(found):>6}{labelled:>8.3f}{best:>8.3f}")


if __name__ == "__main__":
    main()
