"""A search needs the memory of one text at a time, however many long ones it finds."""

from __future__ import annotations

import tracemalloc
from random import Random

import pytest
from specimens.library import Library, library

MANY = 12
ALIKE = "The harbour was full of ships. " * 10_000
"""A text that takes little room when it is packed."""


def varied(seed: int) -> str:
    """Return a text that takes much room, packed or not."""
    draw = Random(seed)
    return "The harbour: " + " ".join(f"{draw.getrandbits(64):x}" for _ in range(20_000))


def peak_of(shelf: Library, results: int) -> int:
    """Return the most bytes that a search with so many results needs."""
    shelf.archive.search("harbour", limit=results)  # what it caches is there
    tracemalloc.start()
    try:
        assert len(shelf.archive.search("harbour", limit=results).items) == results
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["packed well", "packed badly"])
def test_many_long_texts_need_little_more_memory_than_one(kind: str) -> None:
    texts = [f"{ALIKE}{number}" if kind == "packed well" else varied(number) for number in range(MANY)]
    with library() as shelf:
        for number, text in enumerate(texts):
            shelf.page(text, f"https://example.org/{number}")

        one, all_of_them = peak_of(shelf, 1), peak_of(shelf, MANY)

    assert all_of_them < one + 2 * len(texts[0])
