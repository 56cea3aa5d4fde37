"""Take items one ahead of their use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterable[T]) -> Iterator[T]:
    """Yield items in their order; a thread makes the next one while the caller uses one.

    An error of an item is raised where it would be, after the items before it.
    """
    rest, end = iter(items), object()
    thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    try:
        coming = thread.submit(next, rest, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, rest, end)
            yield item  # type: ignore[misc] # `end` is not yielded
    finally:
        thread.shutdown(wait=False, cancel_futures=True)  # who stops early does not wait for the next item
