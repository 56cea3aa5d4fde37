"""What is hidden from whom a request is answered: collections that are closed to the caller, and what was taken down.

This is the one place that decides what a reader sees. On the connections of such a request, the tables with rows of
collections, and those with rows of sources, are hidden by temporary views of the same names, which both SQLite and
PostgreSQL look up first. So lists, counts, searches and CDX see the same, and a statement can't forget to filter.

A row of a source is shown if the source is known and its collection is open: what a removed source did is hidden, as
nobody can say any more which collection it was for. What was taken down is hidden by the key of its URL, so captures
that come later are hidden, too; a text is found by the key of its text version, and a picture by the URL of its page.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Engine, event

from archive.database.postgresql import PAGE_KEY, postgresql_engine
from archive.database.sqlite import sqlite_engine
from archive.values.capture import page_of
from archive.values.key_parts import OF_COLLECTIONS, escaped
from archive.values.urlkey import urlkey

Closed = frozenset[str]
"""The names of closed collections."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What was taken down."""

    ranges: frozenset[tuple[str, str]] = frozenset()
    """Keys of URLs from the first, inclusive, to the second, exclusive: see `archive.values.urlkey.key_ranges`."""
    records: frozenset[str] = frozenset()
    """The ids of records."""
    pages: frozenset[str] = frozenset()
    """The keys of the pages of these records: the same page shows them as revisits, too."""

    def __bool__(self) -> bool:
        return bool(self.ranges or self.records)

    def has(self, key: str) -> bool:
        """Return whether all pages with this key of a URL are taken down."""
        return any(first <= key < past for first, past in self.ranges)

    def has_page_of(self, urn: str) -> bool:
        """Return whether the page that a URN is about is taken down."""
        return self.has(urlkey(page_of(urn)))

    def has_capture_of(self, urn: str) -> bool:
        """Return whether single captures of the page that a URN is about are taken down."""
        return urlkey(page_of(urn)) in self.pages

    def hides(self, key: str, record: str, referred: str | None) -> bool:
        """Return whether a capture is taken down, by the key of its URL, its record id, and that of what it refers to.

        What is recorded beside single captures that are taken down has no row that says of which one it is.
        """
        if self.has(key) or record in self.records or (referred in self.records and key in self.pages):
            return True
        return _URN <= key < _PAST_URN and (self.has_page_of(key) or self.has_capture_of(key))


_Hidden = tuple[Closed, frozenset[str], TakenDown]
"""Closed collections, the sources of the open ones, and what was taken down."""

_URN, _PAST_URN = "urn:", "urn;"

_closed: ContextVar[Closed] = ContextVar("closed", default=frozenset())
_open_sources: ContextVar[frozenset[str]] = ContextVar("open_sources", default=frozenset())
_NOTHING = TakenDown()
_taken_down: ContextVar[TakenDown] = ContextVar("taken_down", default=_NOTHING)
_HIDDEN = ("captures", "segments", "wordings", "items", "snapshot_notes", "snapshot_tags")
"""The tables with a column `collection`."""
OF_PAGES = ("page.new", "page.changed", "watch.matched")
"""The kinds of events that name a page."""
_TEXTS = "texts"
"""The table of texts, by their segment: its name has an index, and all its captures are of one collection."""
_OF_SOURCES = ("run_totals", "slots", "alarms", "pages", "owed")
"""The tables with a column `source`, and nothing else that says what a row is of."""
_MOST = 8
"""Sets of hidden rows whose connections are kept open, for each database: those used last."""

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


def taken_down() -> TakenDown:
    """Return what is hidden as taken down in this context; nothing outside of requests and exports."""
    return _taken_down.get()


@contextmanager
def hiding(taken: TakenDown) -> Iterator[None]:
    """Hide what was taken down from what is read in this context, and in threads that get a copy of it."""
    token = _taken_down.set(taken)
    try:
        yield
    finally:
        _taken_down.reset(token)


def hides_rows() -> bool:
    """Return whether a reader in this context sees fewer rows than there are."""
    return bool(_closed.get() or _taken_down.get())


def engine_of_reader(engine: Engine) -> Engine:
    """Return the engine to read with: connections of another do not have the rows that are hidden."""
    if not hides_rows():
        return engine
    hidden = _closed.get(), _open_sources.get(), _taken_down.get()
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
    closed, sources, taken = hidden
    cursor = connection.cursor()
    schema = "main" if is_sqlite else cursor.execute("SELECT current_schema()").fetchone()[0]
    fill = partial(_fill, cursor, "?" if is_sqlite else "%s")
    conditions: dict[str, list[str]] = {}
    if closed:
        fill("open_sources (name TEXT PRIMARY KEY)", [(name,) for name in sources])
        for table, condition in _of_open(_quoted(schema), closed, is_sqlite=is_sqlite):
            conditions.setdefault(table, []).append(condition)
    if taken:
        key = "TEXT NOT NULL" if is_sqlite else 'TEXT COLLATE "C" NOT NULL'
        fill(f"taken_keys (first {key}, past {key})", taken.ranges)
        fill("taken_records (record_id TEXT PRIMARY KEY)", [(record,) for record in taken.records])
        fill(f"taken_pages (urlkey {key} PRIMARY KEY)", [(page,) for page in taken.pages])
        if is_sqlite:
            connection.create_function("page_taken", 1, taken.has_page_of, deterministic=True)
            connection.create_function("single_page", 1, taken.has_capture_of, deterministic=True)
        else:
            cursor.execute(PAGE_KEY)
        for table, condition in _not_taken_down(_quoted(schema), is_sqlite=is_sqlite):
            conditions.setdefault(table, []).append(condition)
    for table, needed in conditions.items():
        where = " AND ".join(f"({condition})" for condition in needed)
        cursor.execute(f"CREATE TEMP VIEW {table} AS SELECT t.* FROM {_quoted(schema)}.{table} AS t WHERE {where}")
    cursor.close()
    connection.commit()


def _fill(cursor: Any, placeholder: str, definition: str, rows: Collection[tuple[str, ...]]) -> None:
    """Create a temporary table and fill it."""
    cursor.execute(f"CREATE TEMP TABLE {definition}")
    if rows:
        values = ", ".join([placeholder] * len(next(iter(rows))))
        cursor.executemany(f"INSERT INTO {definition.partition(' ')[0]} VALUES ({values})", list(rows))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _of_open(schema: str, closed: Closed, *, is_sqlite: bool) -> Iterator[tuple[str, str]]:
    """Yield tables, here `t`, with the condition under which a row is of an open collection."""
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(closed))
    is_open, of_open = f"collection NOT IN ({names})", "t.source IN (SELECT name FROM open_sources)"
    for table in _HIDDEN:
        yield table, f"t.{is_open}"
    segment = f"SELECT 1 FROM {schema}.segments AS s WHERE s.name = t.segment AND s.{is_open}"
    yield _TEXTS, f"EXISTS ({segment})"
    for table in _OF_SOURCES:
        yield table, of_open
    yield "pauses", f"t.source = '*' OR {of_open}"
    text = f"SELECT 1 FROM {schema}.texts AS x JOIN {schema}.segments AS s ON s.name = x.segment AND s.{is_open}"
    yield "watch_hits", f"EXISTS ({text} WHERE x.record_id = t.record_id)"
    # A source may have been of another collection at the time of a run. The event of a hit names a record, and no run.
    hit = f" AND (t.kind <> 'watch.matched' OR EXISTS ({text} WHERE x.record_id = {_record_of_event(is_sqlite)}))"
    for table, run, more in (("runs", "id", ""), ("events", "run", hit)):
        other = f"SELECT 1 FROM {schema}.captures AS c WHERE c.run = t.{run} AND c.collection IN ({names})"
        yield table, f"{of_open} AND NOT EXISTS ({other}){more}"
    page = f"SELECT 1 FROM {schema}.captures AS c WHERE c.urlkey = t.page_key AND c.{is_open}"
    yield "aliases", f"EXISTS ({page})"
    yield from _of_open_objects(schema, closed)


def _of_open_objects(schema: str, closed: Closed) -> Iterator[tuple[str, str]]:
    """Yield the tables of fixity: the key of an object begins with its kind and its collection."""
    of_closed = sorted(f"{kind}{escaped(name)}/" for kind in OF_COLLECTIONS for name in closed)
    is_open = f"({_begins_with(OF_COLLECTIONS)}) AND NOT ({_begins_with(of_closed)})"
    yield "objects", is_open.format("t.key")
    of_object = f"SELECT 1 FROM {schema}.objects AS o WHERE o.id = t.object_id AND {is_open.format('o.key')}"
    yield "copies", f"EXISTS ({of_object})"
    yield "preservation_events", is_open.format("t.object")


def _begins_with(beginnings: Iterable[str]) -> str:
    """Return the condition under which the column {0} begins with one of these, which have no quotes."""
    return " OR ".join(f"substr({{0}}, 1, {len(one)}) = '{one}'" for one in beginnings)


def _not_taken_down(schema: str, *, is_sqlite: bool) -> Iterator[tuple[str, str]]:
    """Yield tables, here `t`, with the condition under which a row was not taken down."""
    # The key of a picture, and of all that is recorded beside a page, is that of a URN, which has the URL of the page.
    range_ = "SELECT 1 FROM taken_keys AS k WHERE k.first <= {0} AND k.past > {0}"
    of_page, of_single = "page_taken({0}.urlkey)", "single_page(t.urlkey)"
    if not is_sqlite:
        page = 'pg_temp.page_key({0}.urlkey) COLLATE "C"'
        of_page = f"EXISTS ({range_.format(page)}) OR {page} IS NULL AND EXISTS (SELECT 1 FROM taken_keys)"
        of_single = f"({page.format('t')} IN (SELECT urlkey FROM taken_pages) OR {page.format('t')} IS NULL)"
    is_urn = "{0}.urlkey >= 'urn:' AND {0}.urlkey < 'urn;'"
    inside = f"EXISTS ({range_.format('{0}.urlkey')}) OR {is_urn} AND ({of_page})"
    records = "SELECT record_id FROM taken_records"
    not_named = f"t.record_id IS NULL OR t.record_id NOT IN ({records})"
    elsewhere = "t.urlkey NOT IN (SELECT urlkey FROM taken_pages)"
    revisits = f"t.refers_to_record IS NULL OR t.refers_to_record NOT IN ({records}) OR {elsewhere}"
    key = f"NOT ({inside.format('t')})"
    of_key = f"SELECT c.at FROM {schema}.captures AS c WHERE c.urlkey IN (SELECT urlkey FROM taken_pages)"
    single = f"{is_urn.format('t')} AND {of_single} AND t.at IN ({of_key} AND c.record_id IN ({records}))"
    yield "captures", f"{key} AND ({not_named}) AND ({revisits}) AND NOT ({single})"
    yield "wordings", f"{key} AND ({not_named})"
    yield "items", f"{key} AND ({not_named})"
    of_text = f"t.text_record NOT IN ({records}) OR {elsewhere}"
    for table in ("snapshot_notes", "snapshot_tags"):
        yield table, f"{key} AND ({not_named}) AND ({of_text})"
    yield "aliases", key
    version = f"{schema}.worded AS v JOIN {schema}.wordings AS w ON w.id = v.wording_id"
    within = f"EXISTS (SELECT 1 FROM {version} WHERE v.record_id = {{}} AND ({inside.format('w')}))"
    for table in (_TEXTS, "watch_hits"):
        yield table, f"({not_named}) AND NOT {within.format('t.record_id')}"
    record = _record_of_event(is_sqlite)
    shown = f"({record} NOT IN ({records}) AND NOT {within.format(record)})"
    yield "events", f"t.kind NOT IN {OF_PAGES} OR {shown}"


def _record_of_event(is_sqlite: bool) -> str:
    return "json_extract(t.facts, '$.record_id')" if is_sqlite else "t.facts::json ->> 'record_id'"
