"""What a page of a board says of the threads that it named before."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from crawler.spiders.boards import unlisted
from extractor.values.thread import ThreadLink

A_PAGE = 5


def pages(board: list[tuple[int, int]]) -> list[list[ThreadLink]]:
    """A board of numbered threads with their replies, page by page."""
    rows = [ThreadLink(f"/{number}", "t", replies) for number, replies in board]
    return [rows[start : start + A_PAGE] for start in range(0, len(rows), A_PAGE)] or [[]]


def missed(was: list[tuple[int, int]], now: list[tuple[int, int]]) -> set[int]:
    """Return the threads that are requested when all pages of a board are read one after another."""
    listed: set[str] = set()
    missing: set[str] = set()
    pushed: list[ThreadLink] = []
    here, there = pages(now), pages(was)
    for place, page in enumerate(here):
        is_last = place == len(here) - 1
        before = chain.from_iterable(there[place:] if is_last else there[place : place + 1])
        listed |= {thread.url for thread in page}
        away = unlisted([*pushed, *before], page, whole=is_last)
        missing |= {thread.url for thread in away.missing} - listed
        pushed = list(away.pushed)
    return {int(url[1:]) for url in missing}


@given(st.integers(1, 30), st.sets(st.integers(0, 29)), st.sets(st.integers(0, 29)), st.integers(0, 12))
def test_exactly_the_deleted_threads_of_a_fully_read_board_are_missed(
    size: int, deleted: set[int], written: set[int], new: int
) -> None:
    was = [(number, 1) for number in range(size)]
    bumped = [(number, 2) for number in sorted(written - deleted) if number < size]
    quiet = [each for each in was if each[0] not in deleted | written]
    now = [*((100 + number, 0) for number in range(new)), *bumped, *quiet]

    assert missed(was, now) == {number for number in deleted if number < size}


def test_one_page_alone_shows_that_the_last_thread_is_missing_only_if_a_thread_of_a_later_page_shows_it() -> None:
    first, last, later, new = (ThreadLink(f"/{name}", "t", 1) for name in ("first", "last", "later", "new"))

    assert unlisted([first, last], [first, later], whole=False) == ([last], [])
    assert unlisted([first, last], [new, first], whole=False) == ([], [last])
    assert unlisted([first, last], [new, first], whole=True) == ([last], [])
    assert unlisted([first, last], [ThreadLink("/first", "t", 2), later], whole=False) == ([], [last])
