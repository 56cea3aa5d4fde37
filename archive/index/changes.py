"""New pages and pages with a new text, by the time of capture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, func, select, tuple_

from archive.database.engine import Database
from archive.database.packed_text import NO_TEXT, PageText
from archive.database.schema import texts, worded, wordings
from archive.texts.text_version import NEWS, Novelty
from extractor.values.thread import Post
from extractor.values.thread_json import thread_of


class Position(NamedTuple):
    """The position of a change in the order of all: the time of its capture, and the id of its text."""

    at: datetime
    wording: int


@dataclass(frozen=True, slots=True)
class PageChange:
    """A page that is new, or has a new text."""

    place: Position
    novelty: Novelty
    url: str
    source: str
    collection: str
    record_id: str
    """The record id of the first capture with this text."""
    title: str | None
    author: str | None
    language: str | None
    text: str
    before: str | None
    """The previous text of the page; None for a new page."""
    stored: PageText
    """The text as it is stored, with its fields."""

    @property
    def at(self) -> datetime:
        return self.place.at

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors that the page names; of a thread, who began it."""
        named = tuple((self.stored.fields or {}).get("authors", ()))
        return named or ((self.author,) if self.author else ())

    @property
    def posts(self) -> tuple[Post, ...]:
        """The posts of a page of a thread, or the comments under an article."""
        said = (self.stored.fields or {}).get("thread")
        return () if said is None else thread_of(said).posts


class Changes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        *,
        source: str | None = None,
        collection: str | None = None,
        before: Position | None = None,
        limit: int = 50,
    ) -> list[PageChange]:
        """Return the newest changes before a position, newest first, of a source, a collection or all."""
        with self._database.reading() as connection:
            rows = connection.execute(_select(source, collection, before).limit(limit)).all()
            return [_change(row, _said_before(connection, row)) for row in rows]

    def of_records(self, record_ids: Sequence[str]) -> list[PageChange]:
        """Return the changes that captures brought, in their order, without those that brought none."""
        named = (worded.c.wording_id == wordings.c.id) & (worded.c.record_id == wordings.c.record_id)
        query = _select(None, None, None).join(worded, named).where(worded.c.record_id.in_(record_ids))
        with self._database.reading() as connection:
            found = [_change(row, _said_before(connection, row)) for row in connection.execute(query).all()]
        return sorted(found, key=lambda change: record_ids.index(change.record_id))

    def of(self, record_id: str) -> PageChange | None:
        """Return the change that a capture brought; None if it brought none, or its text was replaced since."""
        return next(iter(self.of_records([record_id])), None)


_ORDER = (wordings.c.first_at, wordings.c.id)
_TEXT = texts.c.record_id == wordings.c.record_id


def _select(source: str | None, collection: str | None, before: Position | None) -> Select[Any]:
    query = (
        select(wordings, texts.c.title, texts.c.author, texts.c.content)
        .join(texts, _TEXT)
        .where(wordings.c.novelty.in_(NEWS))
        .order_by(*(column.desc() for column in _ORDER))
    )
    if source is not None:
        query = query.where(wordings.c.source == source)
    if collection is not None:
        query = query.where(wordings.c.collection == collection)
    if before is not None:
        query = query.where(tuple_(*_ORDER) < (before.at, before.wording))
    return query


def _said_before(connection: Connection, row: Row[Any]) -> str | None:
    if row.novelty != "changed":
        return None
    return former_text(connection, row, row.first_at, key=row.key).text


def former_text(connection: Connection, page: Row[Any], at: datetime, *, key: str | None = None) -> PageText:
    """Return the text that a page had just before `at`, which may be an earlier one that came back.

    It is empty if the page had none. `page` has `collection`, `source` and `urlkey`. Of the texts that began at that
    very time, those before `key` count.

    Sorting by an expression makes the database find the few versions by key: with an index on the time, it would scan
    the whole collection.
    """
    same: Sequence[Any] = [wordings.c[name] == getattr(page, name) for name in ("collection", "source", "urlkey")]
    earlier = wordings.c.first_at < at
    if key is not None:
        earlier |= (wordings.c.first_at == at) & (wordings.c.key < key)
    of_text = (worded.c.wording_id == wordings.c.id, worded.c.at < at)
    last_had = select(func.max(worded.c.at)).where(*of_text).correlate(wordings).scalar_subquery()
    newest_first = (func.coalesce(last_had, wordings.c.first_at).desc(), wordings.c.key.desc())
    query = select(texts.c.content).join(wordings, _TEXT).where(*same, earlier, wordings.c.verdict.is_(None))
    found: PageText | None = connection.execute(query.order_by(*newest_first).limit(1)).scalar_one_or_none()
    return NO_TEXT if found is None else found


def _change(row: Row[Any], before: str | None) -> PageChange:
    return PageChange(
        place=Position(row.first_at, row.id),
        novelty=row.novelty,
        url=row.url,
        source=row.source,
        collection=row.collection,
        record_id=row.record_id,
        title=row.title,
        author=row.author,
        language=row.language,
        text=row.content.text or "",
        before=before,
        stored=row.content,
    )
