"""The rows of a selection, page by page: no transaction is open while the caller looks at one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, tuple_

from archive.database.engine import Database
from archive.database.schema import captures
from archive.index.rows import capture_of, select_captures
from archive.index.selection import Selection
from archive.values.capture import Capture
from archive.values.urlkey import key_ranges

_PAGE = 2000
_ALL = "all"


def chosen(database: Database, selection: Selection) -> Iterator[Capture]:
    """The captures that are meant, in no order that a caller may rely on."""
    if selection.url is None:
        yield from _pages(database, _query(selection), [captures.c.id])
        return
    order = [captures.c.urlkey, captures.c.at, captures.c.id]
    for first, end in key_ranges(selection.url, "prefix"):
        query = _query(selection).where(captures.c.urlkey >= first, captures.c.urlkey < end)
        yield from _pages(database, query, order)


def _query(selection: Selection) -> Select[Any]:
    query = select_captures()
    if selection.source is not None:
        query = query.where(captures.c.source == selection.source)
    if selection.run is not None:
        query = query.where(captures.c.run == selection.run)
    if selection.collection not in {None, _ALL}:
        query = query.where(captures.c.collection == selection.collection)
    if selection.since is not None:
        query = query.where(captures.c.at >= selection.since)
    if selection.until is not None:
        query = query.where(captures.c.at <= selection.until)
    return query


def _pages(database: Database, query: Select[Any], order: list[Any]) -> Iterator[Capture]:
    query, page, here = query.order_by(*order).limit(_PAGE), None, tuple_(*order)
    while True:
        with database.reading() as connection:
            rows = connection.execute(query if page is None else query.where(here > page)).all()
        yield from map(capture_of, rows)
        if len(rows) < _PAGE:
            return
        page = tuple(getattr(rows[-1], column.name) for column in order)
