"""A search needs the memory of one text at a time, however many long ones it finds."""

from __future__ import annotations

import tracemalloc

from specimens.library import Library, library

LONG = "The harbour was full of ships. " * 10_000
MANY = 12


def peak_of(shelf: Library, results: int) -> int:
    """Return the most bytes that a search with so many results needs."""
    shelf.archive.search("harbour", limit=results)  # what it caches is there
    tracemalloc.start()
    try:
        assert len(shelf.archive.search("harbour", limit=results).items) == results
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_long_texts_need_little_more_memory_than_one() -> None:
    with library() as shelf:
        for number in range(MANY):
            shelf.page(f"{LONG}{number}", f"https://example.org/{number}")

        one, all_of_them = peak_of(shelf, 1), peak_of(shelf, MANY)

    assert all_of_them < one + 2 * len(LONG)
