"""A comparison of any two texts ends: what it may weigh and compare is limited. Without the limit, it does more."""

from __future__ import annotations

from random import Random

import pytest

from archive.retrieval.difference.lines import Row, compare
from archive.retrieval.difference.posts import compare_posts
from archive.retrieval.difference.sequences import Budget
from extractor.values.thread import Post

CELLS, PAIRS = 1 << 28, 1 << 15
LIFTED = 1 << 62


class Counted(Budget):
    """A budget that counts what it gave."""

    def __init__(self, cells: int = CELLS, pairs: int = PAIRS) -> None:
        super().__init__(cells, pairs)
        self.cells = self.pairs = 0

    def takes_cells(self, cells: int) -> bool:
        taken = super().takes_cells(cells)
        self.cells += cells * taken
        return taken

    def takes_pairs(self, pairs: int) -> bool:
        taken = super().takes_pairs(pairs)
        self.pairs += pairs * taken
        return taken


def alike(lines: int, seed: int) -> str:
    """Return lines that are like those of another seed, and equal to none."""
    draw = Random(seed)
    return "\n".join(f"the harbour had {draw.random()} ships of {draw.random()} owners" for _ in range(lines))


def shuffled(lines: int, seed: int) -> str:
    """Return the same words as with another seed, in another order, many of them often."""
    draw = Random(seed)
    return "\n".join(f"ship {draw.randrange(lines // 4)}" for _ in range(lines))


def sides(rows: tuple[Row, ...]) -> tuple[list[str], list[str]]:
    return [row.old for row in rows if row.old is not None], [row.new for row in rows if row.new is not None]


def test_the_default_is_what_these_tests_count() -> None:
    usual = Budget()
    assert (usual.takes_cells(CELLS), usual.takes_pairs(PAIRS)) == (True, True)
    assert (usual.takes_cells(1), usual.takes_pairs(1)) == (False, False)


@pytest.mark.parametrize(("budget", "within"), [(Counted(), True), (Counted(pairs=LIFTED), False)])
def test_lines_that_are_alike_are_weighed_up_to_the_limit(budget: Counted, within: bool) -> None:
    old, new = alike(190, 1), alike(190, 2)

    rows = compare(old, new, budget)

    assert (budget.pairs <= PAIRS) is within
    assert sides(rows) == (old.splitlines(), new.splitlines())


@pytest.mark.parametrize(("budget", "within"), [(Counted(), True), (Counted(cells=LIFTED), False)])
def test_long_texts_are_compared_up_to_the_limit(budget: Counted, within: bool) -> None:
    old, new = shuffled(16_600, 1), shuffled(16_600, 2)

    rows = compare(old, new, budget)

    assert (budget.cells <= CELLS) is within
    assert sides(rows) == (old.splitlines(), new.splitlines())


@pytest.mark.parametrize(("budget", "within"), [(Counted(), True), (Counted(pairs=LIFTED), False)])
def test_all_posts_of_a_thread_have_one_limit_together(budget: Counted, within: bool) -> None:
    old, new = (
        [Post(author=None, date=None, text=alike(90, seed + number), id=str(number)) for number in range(5)]
        for seed in (10, 90)
    )

    compare_posts(old, new, budget)

    assert (budget.pairs <= PAIRS) is within
