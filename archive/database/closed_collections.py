"""Collections that are closed to whom a request is answered: its connections don't have their rows.

This is the one place that decides what a reader sees. On the connections of such a request, the tables with rows of
collections, and those with rows of sources, are hidden by temporary views of the same names, which both SQLite and
PostgreSQL look up first. So lists, counts, searches and CDX see the same, and a statement can't forget to filter.

A row of a source is shown if the source is known and its collection is open: what a removed source did is hidden, as
nobody can say any more which collection it was for.
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
"""The names of closed collections."""
_Hidden = tuple[Closed, frozenset[str]]
"""Closed collections, and the sources of the open ones."""

_closed: ContextVar[Closed] = ContextVar("closed", default=frozenset())
_open_sources: ContextVar[frozenset[str]] = ContextVar("open_sources", default=frozenset())
_HIDDEN = ("captures", "segments", "wordings", "items")
"""The tables with a column `collection`."""
_TEXTS = "texts"
"""The table of texts, by their segment: its name has an index, and all its captures are of one collection."""
_OF_SOURCES = ("run_totals", "slots", "alarms", "pages", "owed")
"""The tables with a column `source`, and nothing else that says what a row is of."""
_MOST = 8
"""Sets of closed collections whose connections are kept open, for each database: those used last."""

_POOL = {"pool_size": 1, "max_overflow": 4}
"""The connections of each: kept, and opened beside it while several requests read."""

_engines: WeakKeyDictionary[Engine, OrderedDict[_Hidden, Engine]] = WeakKeyDictionary()
_lock = Lock()


def closed_collections() -> Closed:
    """Return the collections that are closed to the caller of this request; none outside of requests."""
    return _closed.get()


@contextmanager
def closing_collections(names: Closed, open_sources: frozenset[str] = frozenset()) -> Iterator[None]:
    """Close collections to what is read in this context, and in threads that get a copy of it.

    `open_sources` are the known sources whose collections are not closed.
    """
    closed, sources = _closed.set(names), _open_sources.set(open_sources)
    try:
        yield
    finally:
        _closed.reset(closed)
        _open_sources.reset(sources)


def engine_of_reader(engine: Engine) -> Engine:
    """Return the engine to read with: connections of another do not have the rows of closed collections."""
    closed = _closed.get()
    if not closed:
        return engine
    hidden = closed, _open_sources.get()
    with _lock:
        known = _engines.setdefault(engine, OrderedDict())
        if hidden not in known:
            while len(known) >= _MOST:
                known.popitem(last=False)[1].dispose()
            known[hidden] = _engine_without(engine.url, hidden)
        known.move_to_end(hidden)
        return known[hidden]


def close_readers(engine: Engine) -> None:
    """Close the connections of readers to a database that is closed."""
    with _lock:
        for reading in _engines.pop(engine, OrderedDict[_Hidden, Engine]()).values():
            reading.dispose()


def _engine_without(url: URL, hidden: _Hidden) -> Engine:
    engine = sqlite_engine(url, **_POOL) if url.get_backend_name() == "sqlite" else postgresql_engine(url, **_POOL)
    event.listen(engine, "connect", partial(_hide, hidden=hidden, is_sqlite=engine.dialect.name == "sqlite"))
    return engine


def _hide(connection: Any, _record: Any, *, hidden: _Hidden, is_sqlite: bool) -> None:
    closed, sources = hidden
    cursor = connection.cursor()
    schema = "main" if is_sqlite else cursor.execute("SELECT current_schema()").fetchone()[0]
    cursor.execute("CREATE TEMP TABLE open_sources (name TEXT PRIMARY KEY)")
    cursor.executemany(f"INSERT INTO open_sources VALUES ({'?' if is_sqlite else '%s'})", [(name,) for name in sources])
    for table, rows in _shown(_quoted(schema), closed, is_sqlite=is_sqlite):
        cursor.execute(f"CREATE TEMP VIEW {table} AS {rows}")
    cursor.close()
    connection.commit()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _shown(schema: str, closed: Closed, *, is_sqlite: bool) -> Iterator[tuple[str, str]]:
    """Yield the tables of which rows are hidden, each with the statement that selects the others."""
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(closed))
    is_open, of_open = f"collection NOT IN ({names})", "source IN (SELECT name FROM open_sources)"
    for table in _HIDDEN:
        yield table, f"SELECT * FROM {schema}.{table} WHERE {is_open}"
    segment = f"SELECT 1 FROM {schema}.segments AS s WHERE s.name = t.segment AND s.{is_open}"
    yield _TEXTS, f"SELECT t.* FROM {schema}.texts AS t WHERE EXISTS ({segment})"
    for table in _OF_SOURCES:
        yield table, f"SELECT * FROM {schema}.{table} WHERE {of_open}"
    yield "pauses", f"SELECT * FROM {schema}.pauses WHERE source = '*' OR {of_open}"
    text = f"SELECT 1 FROM {schema}.texts AS t JOIN {schema}.segments AS s ON s.name = t.segment AND s.{is_open}"
    yield (
        "watch_hits",
        f"SELECT h.* FROM {schema}.watch_hits AS h WHERE EXISTS ({text} WHERE t.record_id = h.record_id)",
    )
    # A source may have been of another collection at the time of a run. The event of a hit names a record, and no run.
    record = "json_extract(r.facts, '$.record_id')" if is_sqlite else "r.facts::json ->> 'record_id'"
    hit = f" AND (r.kind <> 'watch.matched' OR EXISTS ({text} WHERE t.record_id = {record}))"
    for table, run, more in (("runs", "id", ""), ("events", "run", hit)):
        other = f"SELECT 1 FROM {schema}.captures AS c WHERE c.run = r.{run} AND c.collection IN ({names})"
        yield table, f"SELECT r.* FROM {schema}.{table} AS r WHERE r.{of_open} AND NOT EXISTS ({other}){more}"
    page = f"SELECT 1 FROM {schema}.captures AS c WHERE c.urlkey = a.page_key AND c.{is_open}"
    yield "aliases", f"SELECT a.* FROM {schema}.aliases AS a WHERE EXISTS ({page})"
