"""Queries for recent changes: new pages, and pages with a new text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from archive.database.engine import Database
from archive.database.schema import captures, texts, worded, wordings
from archive.index.reading_marks import KINDS, Kind, ReadingMarks
from archive.texts.snapshot_notes import tagged
from archive.texts.text_version import NEWS

Only = Literal["unread", "star", "later"]
"""Which pages a reader wants to see."""
_WINDOW = 5_000
"""Number of captures that are scanned for a page of changes: many are images and styles."""
_BEGINNING = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A new or changed page, with the beginning of its text."""

    id: int
    url: str
    at: datetime
    source: str
    collection: str
    record_id: str
    changed: bool
    """Whether the page had another text before; noise, such as relative times and counters, is not a change."""
    title: str | None
    author: str | None
    language: str | None
    beginning: str
    marks: frozenset[Kind] = frozenset()
    """The marks of the reader who asks."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """A page of a list of them, newest or oldest first."""

    items: tuple[Piece, ...]
    next: int | None
    """The value of `before`, or `after`, for the next ones; None if there are none."""


@dataclass(frozen=True, slots=True)
class Among:
    """Which changes are wanted: those that meet all that is given."""

    source: str | None = None
    sources: Collection[str] | None = None
    """Any of these; with a `tag`, also snapshots that have it."""
    tag: str | None = None
    collection: str | None = None
    or_collection: bool = False
    """Whether a change in the collection need not meet `sources` or `tag`."""
    language: str | None = None
    since: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.source is not None:
            found.append(captures.c.source == self.source)
        named: list[ColumnElement[bool]] = []
        if self.sources is not None or self.tag is not None:
            named.append(captures.c.source.in_(list(self.sources or ())))
        if self.tag is not None:
            named.append(tagged(self.tag, captures.c.record_id))
        inside = [captures.c.collection == self.collection] if self.collection is not None else []
        found += (
            [or_(*named, *inside)] if named and self.or_collection else [*([or_(*named)] if named else ()), *inside]
        )
        if self.language is not None:
            found.append(texts.c.language == self.language)
        if self.since is not None:
            found.append(captures.c.at >= self.since)
        return found


class ChangeFeed:
    def __init__(self, database: Database) -> None:
        self._database = database

    def pieces(
        self,
        *,
        before: int | None = None,
        source: str | None = None,
        collection: str | None = None,
        reader: str | None = None,
        only: Only | None = None,
        limit: int = 30,
    ) -> Pieces:
        """Return the latest new and changed pages of a source or collection, as `among` does."""
        where = Among(source=source, collection=collection)
        return self.among(where, before=before, reader=reader, only=only, limit=limit)

    def among(
        self,
        where: Among,
        *,
        before: int | None = None,
        reader: str | None = None,
        only: Only | None = None,
        limit: int = 30,
        beginning: int = _BEGINNING,
    ) -> Pieces:
        """Return the latest new and changed pages, with so many characters of their texts; with 0, no text is read.

        The result can be short, or empty, and still have a next page. With a `reader`, each has the marks of that
        reader, and `only` chooses by them.
        """
        own = ReadingMarks(self._database, reader) if reader is not None else None
        with self._database.reading() as connection:
            newest = connection.execute(select(func.max(captures.c.id))).scalar_one() or 0
            top = min(before, newest + 1) if before is not None else newest + 1
            chosen = own is not None and only in ("star", "later")
            bottom = 1 if chosen else max(top - _WINDOW, 1)
            inside = (captures.c.id >= bottom, captures.c.id < top, *where.conditions())
            query = _select(own, *inside, has_text=beginning > 0)
            rows = connection.execute((_only(query, own, only) if own and only else query).limit(limit)).all()
        found = tuple(_piece(row, beginning) for row in rows)
        if len(found) == limit:
            return Pieces(found, found[-1].id)
        return Pieces(found, bottom if bottom > 1 else None)

    def oldest_among(
        self,
        where: Among,
        *,
        after: int | None = None,
        reader: str | None = None,
        only: Only | None = None,
        limit: int = 30,
        beginning: int = _BEGINNING,
    ) -> Pieces:
        """Return the same pages in the order of archiving; `next` is the value of `after` for later ones."""
        own = ReadingMarks(self._database, reader) if reader is not None else None
        with self._database.reading() as connection:
            newest = connection.execute(select(func.max(captures.c.id))).scalar_one() or 0
            bottom = after + 1 if after is not None else _first(connection, where.since)
            chosen = own is not None and only in ("star", "later")
            top = newest + 1 if chosen else min(bottom + _WINDOW, newest + 1)
            inside = (captures.c.id >= bottom, captures.c.id < top, *where.conditions())
            query = _select(own, *inside, has_text=beginning > 0).order_by(None).order_by(captures.c.id)
            rows = connection.execute((_only(query, own, only) if own and only else query).limit(limit)).all()
        found = tuple(_piece(row, beginning) for row in rows)
        if len(found) == limit:
            return Pieces(found, found[-1].id)
        return Pieces(found, top - 1 if top <= newest else None)

    def unread(self, *, reader: str, newest: int) -> dict[str, tuple[int, datetime]]:
        """Return how many changes of each source a reader has not read, and when the last one of them was archived.

        Only those among so many of the newest captures count.
        """
        own = ReadingMarks(self._database, reader)
        with self._database.reading() as connection:
            last = connection.execute(select(func.max(captures.c.id))).scalar_one() or 0
            query = (
                _of_changes(select(captures.c.source, func.count(), func.max(captures.c.at)))
                .where(captures.c.id > last - newest, ~own.is_set("read", captures.c.record_id))
                .group_by(captures.c.source)
            )
            return {source: (int(count), at) for source, count, at in connection.execute(query)}

    def of_ids(self, ids: Collection[int], *, reader: str, beginning: int = _BEGINNING) -> tuple[Piece, ...]:
        """Return the changes with these numbers, newest first, with the marks of a reader, without unknown ones."""
        own = ReadingMarks(self._database, reader)
        query = _select(own, captures.c.id.in_(list(ids)), has_text=beginning > 0)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(_piece(row, beginning) for row in rows)


def _first(connection: Connection, since: datetime | None) -> int:
    """Return the lowest number of a capture, of those since a time if there is one; 1 if there are none."""
    query = select(captures.c.id).order_by(captures.c.id).limit(1)
    return connection.execute(query.where(captures.c.at >= since) if since else query).scalar_one_or_none() or 1


def _piece(row: Row[Any], beginning: int) -> Piece:
    facts = dict(row._mapping)
    content = facts.pop("content", None)
    text = (content.text or "") if content is not None else ""
    own = frozenset(kind for kind in KINDS if facts.pop(kind, False))
    return Piece(**facts, beginning=text[:beginning], marks=own)


def _only(query: Select[Any], own: ReadingMarks, only: Only) -> Select[Any]:
    """Choose by the marks of a reader. The few that are starred or for later are found by their marks."""
    if only == "unread":
        return query.where(~own.is_set("read", captures.c.record_id))
    record, of_reader = own.record(only)
    there = (captures.c.urlkey == wordings.c.urlkey, captures.c.at == texts.c.at)
    return query.where(of_reader, texts.c.record_id == record, *there)


def _select(own: ReadingMarks | None, *where: ColumnElement[bool], has_text: bool) -> Select[Any]:
    of_reader = [own.is_set(kind, captures.c.record_id).label(kind) for kind in KINDS] if own else []
    content = [texts.c.content] if has_text else []
    columns = (
        captures.c.id,
        captures.c.url,
        captures.c.at,
        captures.c.source,
        captures.c.collection,
        captures.c.record_id,
        (wordings.c.novelty == "changed").label("changed"),
        texts.c.title,
        texts.c.author,
        texts.c.language,
    )
    return _of_changes(select(*columns, *content, *of_reader)).where(*where).order_by(captures.c.id.desc())


def _of_changes(query: Select[Any]) -> Select[Any]:
    """Let a query of captures have one row for each change: only the first capture of a text counts."""
    return (
        query.join(worded, worded.c.record_id == captures.c.record_id)
        .join(wordings, (wordings.c.id == worded.c.wording_id) & (wordings.c.record_id == captures.c.record_id))
        .join(texts, texts.c.record_id == captures.c.record_id)
        .where(wordings.c.novelty.in_(NEWS))
    )
