"""Search the items of users' spiders by the words in their values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from archive.database.engine import Database
from archive.database.prepared import Query as Prepared
from archive.database.schema import captures, items
from archive.database.statements import batches
from archive.texts.search.lexemes import ITEMS
from archive.texts.search.query import Query, parse
from archive.texts.search.search import EVERYWHERE, SearchFilters, Slice, read_cursor, write_cursor
from archive.texts.search.search_statements import Hit, hits
from archive.texts.search.snippet import Snippet, snippet
from archive.texts.search.word_rows import index_words, words_of
from archive.values.run_id import requested_at, source_of_run
from archive.values.urlkey import urlkey

_BATCH = 200


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item of a user's spider, and why it was found."""

    run: str
    number: int
    """Its number in the run, from 0."""
    collection: str
    source: str
    url: str
    """The URL of the response that it comes from; empty without one."""
    record_id: str | None
    """The record id of that response."""
    at: datetime
    """When that response was captured, or the run requested."""
    item: Any
    snippet: Snippet
    score: float
    """By BM25; higher is better."""


def index_items(database: Database, collection: str, run: str, lines: Iterable[bytes]) -> int:
    """Index the items of a run from its object in the store, and return their number.

    Indexed items stay, so this may be repeated. Raises ValueError for invalid lines.
    """
    dialect, made = database.engine.dialect.name, 0
    captured: dict[str, datetime] | None = None
    known = _indexed(database, run)
    for batch in batches(enumerate(lines), _BATCH):
        made = batch[-1][0] + 1
        if made <= known:
            continue
        captured = _captured(database, run) if captured is None else captured
        rows = [_row(collection, run, number, line, captured) for number, line in batch]
        words = [words_of(dialect, "", values_of(row["item"])) for row in rows]
        with database.writing() as connection:
            first = _count(connection, run) - rows[0]["number"]  # another process may have added rows
            _add(connection, rows[first:], words[first:])
    return made


def _select_any() -> Select[Any]:
    return select(items.c.id).limit(1)


def any_items(database: Database) -> bool:
    """Return whether there are items: most homes have none."""
    return bool(Prepared(database.engine, _select_any).rows())


def items_indexed(database: Database) -> dict[str, int]:
    """Return how many items of each run are indexed."""
    query = select(items.c.run, func.max(items.c.number) + 1).group_by(items.c.run)
    with database.reading() as connection:
        return {run: int(count) for run, count in connection.execute(query)}


def collection_of_items(database: Database, run: str) -> str | None:
    """Return the collection of a run with indexed items."""
    with database.reading() as connection:
        return connection.execute(select(items.c.collection).where(items.c.run == run).limit(1)).scalar()


def search_items(
    database: Database, words: str, narrowed: SearchFilters = EVERYWHERE, *, limit: int = 20, cursor: str | None = None
) -> Slice[FoundItem]:
    """See `Archive.search_items`."""
    query = parse(words)
    after = read_cursor(cursor) if cursor else None
    if query.is_empty:
        return Slice(())
    there = hits(database, query, narrowed, after=after, limit=limit + 1, of=ITEMS)
    shown = there[:limit]
    with database.reading() as connection:
        chosen = select(items).where(items.c.id.in_([hit.wording for hit in shown]))
        rows = {row.id: row for row in connection.execute(chosen)}
    found = tuple(_found(rows[hit.wording], hit, query) for hit in shown if hit.wording in rows)
    return Slice(found, write_cursor(shown[-1].place) if len(there) > limit else None)


def values_of(item: str) -> str:
    """Return the values of an item in JSON, one per line."""
    return "\n".join(_values(json.loads(item)))


def _values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value).encode("utf-8", "replace").decode()  # a lone surrogate has no UTF-8


def _row(collection: str, run: str, number: int, line: bytes, captured: dict[str, datetime]) -> dict[str, Any]:
    told = json.loads(line)
    url, record = told.get("url") or "", next(iter(told.get("records") or ()), None)
    return {
        "run": run,
        "number": number,
        "collection": collection,
        "source": source_of_run(run),
        "urlkey": urlkey(url) if url else "",
        "url": url,
        "record_id": record,
        "at": captured.get(record or "") or requested_at(run),
        "item": json.dumps(told["item"]),
    }


def _add(connection: Connection, rows: list[dict[str, Any]], words: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    added = insert(items).returning(items.c.id, sort_by_parameter_order=True)
    numbers = connection.execute(added, rows).scalars()
    index_words(connection, ((-number, said) for number, said in zip(numbers, words, strict=True)))


def _indexed(database: Database, run: str) -> int:
    with database.reading() as connection:
        return _count(connection, run)


def _count(connection: Connection, run: str) -> int:
    """Return the number of indexed items of a run, which are always the first ones."""
    last = connection.execute(select(func.max(items.c.number)).where(items.c.run == run)).scalar()
    return 0 if last is None else int(last) + 1


def _captured(database: Database, run: str) -> dict[str, datetime]:
    """Return the time of capture of each record of a run."""
    query = select(captures.c.record_id, captures.c.at).where(captures.c.run == run)
    with database.reading() as connection:
        return {row.record_id: row.at for row in connection.execute(query)}


def _found(row: Any, hit: Hit, query: Query) -> FoundItem:
    return FoundItem(
        run=row.run,
        number=row.number,
        collection=row.collection,
        source=row.source,
        url=row.url,
        record_id=row.record_id,
        at=row.at,
        item=json.loads(row.item),
        snippet=snippet(values_of(row.item), query),
        score=-hit.score,
    )
