"""An archive of texts without the bytes of their pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count

from specimens.captures import NOON, capture_of
from specimens.manifests import manifest_of
from sqlalchemy import Connection

from archive.archive import Archive
from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.store.memory import MemoryStore
from archive.texts.search.search import EVERYWHERE, Found, SearchFilters
from archive.texts.texts import TextRow, Texts
from archive.values.capture import Capture, Location

_numbers = count(1)


@dataclass
class Library:
    """An archive of texts alone."""

    database: Database
    index: Index = field(init=False)
    archive: Archive = field(init=False)

    def __post_init__(self) -> None:
        self.index = Index(self.database, now=lambda: NOON)
        self.archive = Archive(self.index, Texts(self.database), MemoryStore())

    def keep(self, *captures: tuple[Capture, TextRow]) -> None:
        """Commit one segment of captures with their texts."""
        name = f"20260131T120000Z-1-{next(_numbers)}-abcd"
        placed = [
            capture._replace(location=Location(name, 500 * (at + 1), 300)) for at, (capture, _) in enumerate(captures)
        ]
        rows = [replace(row, segment=name) for _, row in captures]
        self.index.commit(manifest_of(name), placed, rows)

    def page(self, text: str, url: str = "https://example.org/1", *, minute: float = 0, **facts: str | None) -> None:
        self.keep(said(text, url, minute=minute, **facts))

    def found(self, words: str, narrowed: SearchFilters = EVERYWHERE) -> list[str]:
        """Return the URLs of all results, page after page."""
        return [one.url for one in self.all(words, narrowed)]

    def all(self, words: str, narrowed: SearchFilters = EVERYWHERE, limit: int = 3) -> list[Found]:
        found: list[Found] = []
        cursor: str | None = None
        while True:
            part = self.archive.search(words, narrowed, limit=limit, cursor=cursor)
            found += part.items
            if (cursor := part.next) is None:
                return found


_free: list[Database] = []
"""Closed databases of ended libraries: an engine keeps its compiled statements, whose making costs most."""


@contextmanager
def library() -> Iterator[Library]:
    """Return an empty one, in memory: a law makes hundreds of libraries."""
    database = _free.pop() if _free else open_database("sqlite://", migrate=False)
    with database.engine.connect() as connection:
        raw_of(connection).deserialize(_empty())
    yield Library(database)
    database.close()
    _free.append(database)


@cache
def _empty() -> bytes:
    with closing(open_database("sqlite://")) as database, database.engine.connect() as connection:
        return raw_of(connection).serialize()


def raw_of(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def said(
    text: str, url: str = "https://example.org/1", *, minute: float = 0, **facts: str | None
) -> tuple[Capture, TextRow]:
    whose = {name: facts.pop(name) for name in ("collection", "source") if name in facts}
    capture = capture_of(url, minute=minute, number=next(_numbers), payload=text.encode(errors="replace"), **whose)
    row = TextRow(capture.record_id, "", url, capture.at, capture.digest, "done", text=text, extractor="x", version="1")
    return capture, replace(row, **facts)  # type: ignore[arg-type]
