"""Collections that are closed to whom a request is answered: its connections don't have their rows.

This is the one place that decides what a reader sees. On the connections of such a request, the tables with rows of
collections are hidden by temporary views of the same names, which both SQLite and PostgreSQL look up first. So lists,
counts, searches and CDX see the same, and a statement can't forget to filter.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Engine, event

from archive.database.postgresql import postgresql_engine
from archive.database.sqlite import sqlite_engine

Closed = frozenset[str]

_closed: ContextVar[Closed] = ContextVar("closed", default=frozenset())
_HIDDEN = ("captures", "segments", "wordings", "items")
"""The tables with a column `collection`."""
_TEXTS = "texts"
"""The table of texts, by their segment: its name has an index, and all its captures are of one collection."""
_MOST = 8
"""Sets of closed collections whose connections are kept open, for each database: those used last."""

_POOL = {"pool_size": 1, "max_overflow": 4}
"""The connections of each: kept, and opened beside it while several requests read."""

_engines: WeakKeyDictionary[Engine, OrderedDict[Closed, Engine]] = WeakKeyDictionary()
_lock = Lock()


def closed_collections() -> Closed:
    """Return the collections that are closed to the caller of this request; none outside of requests."""
    return _closed.get()


@contextmanager
def closing_collections(names: Closed) -> Iterator[None]:
    """Close collections to what is read in this context, and in threads that get a copy of it."""
    token = _closed.set(names)
    try:
        yield
    finally:
        _closed.reset(token)


def engine_of_reader(engine: Engine) -> Engine:
    """Return the engine to read with: connections of another do not have the rows of closed collections."""
    closed = _closed.get()
    if not closed:
        return engine
    with _lock:
        known = _engines.setdefault(engine, OrderedDict())
        if closed not in known:
            while len(known) >= _MOST:
                known.popitem(last=False)[1].dispose()
            known[closed] = _engine_without(engine.url, closed)
        known.move_to_end(closed)
        return known[closed]


def close_readers(engine: Engine) -> None:
    """Close the connections of readers to a database that is closed."""
    with _lock:
        for reading in _engines.pop(engine, OrderedDict[Closed, Engine]()).values():
            reading.dispose()


def _engine_without(url: URL, closed: Closed) -> Engine:
    engine = sqlite_engine(url, **_POOL) if url.get_backend_name() == "sqlite" else postgresql_engine(url, **_POOL)
    event.listen(engine, "connect", partial(_hide, closed=closed, is_sqlite=engine.dialect.name == "sqlite"))
    return engine


def _hide(connection: Any, _record: Any, *, closed: Closed, is_sqlite: bool) -> None:
    cursor = connection.cursor()
    schema = "main" if is_sqlite else cursor.execute("SELECT current_schema()").fetchone()[0]
    for statement in _views(closed, schema):
        cursor.execute(statement)
    cursor.close()
    connection.commit()


def _views(closed: Closed, schema: str) -> Iterator[str]:
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(closed))
    within = '"' + schema.replace('"', '""') + '"'
    for table in _HIDDEN:
        rows = f"SELECT * FROM {within}.{table} WHERE collection NOT IN ({names})"  # noqa: S608 - names of collections
        yield f"CREATE TEMP VIEW {table} AS {rows}"
    of_open = f"SELECT 1 FROM {within}.segments AS s WHERE s.name = t.segment AND s.collection NOT IN ({names})"  # noqa: S608
    yield f"CREATE TEMP VIEW {_TEXTS} AS SELECT t.* FROM {within}.texts AS t WHERE EXISTS ({of_open})"  # noqa: S608
