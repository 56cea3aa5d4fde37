from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from archive.intake.ahead import one_ahead


def test_an_item_is_made_while_the_one_before_is_used() -> None:
    second = Event()

    def items() -> Iterator[int]:
        yield 1
        second.set()
        yield 2

    used = []
    for item in one_ahead(items()):
        assert second.wait(10)
        used.append(item)

    assert used == [1, 2]


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int | None]:
        yield None
        yield 2
        raise ValueError("broken")

    used = []
    with pytest.raises(ValueError, match="broken"):
        for item in one_ahead(items()):
            used.append(item)  # noqa: PERF402 - the error must find them

    assert used == [None, 2]
