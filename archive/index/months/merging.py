"""Merge the rows of the database with those of months, page by page: a segment that is added meanwhile is in one."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator

from archive.index.cdx.row import Row, order_of
from archive.index.months.own_segments import OwnSegments

Place = tuple[str, int, int]
ReadPage = Callable[[Place | None], list[Row]]
"""Returns the rows after a place, in order; fewer than the length of a page only if there are no others."""


def merged(
    read: ReadPage, length: Callable[[], int], others: Iterator[Row], own: OwnSegments, *, reverse: bool
) -> Iterator[Row]:
    """Yield all rows in order. `length` returns that of the page that was read last, `others` are rows of months whose
    segments `own` decided for.

    A page of rows is read again if the months name a segment of the database that nobody knew before.
    """
    place, waiting, ended = None, list[Row](), False

    def is_after(row: Row, end: Place) -> bool:
        return order_of(row) < end if reverse else order_of(row) > end

    while True:
        learned = own.learned
        rows = read(place)
        is_last, most = len(rows) < length(), length()
        end = None if is_last else order_of(rows[-1])
        while not ended and len(waiting) < most and not (waiting and end and is_after(waiting[-1], end)):
            if (row := next(others, None)) is None:
                ended = True
            else:
                waiting.append(row)
        if own.learned > learned:
            continue
        if not ended and waiting and (end is None or not is_after(waiting[-1], end)):
            end = order_of(waiting[-1])  # the months may have more before the next row
        some = [row for row in waiting if end is None or not is_after(row, end)]
        waiting = waiting[len(some) :]
        mine = [row for row in rows if not own.is_new(row.segment) and (end is None or not is_after(row, end))]
        yield from heapq.merge(mine, some, key=order_of, reverse=reverse)
        if end is None:
            return
        place = end
