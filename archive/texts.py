"""The texts that were read from captures: title, author, date, language and the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from archive.database.engine import Database
from archive.database.schema import texts
from archive.database.statements import insert_missing
from extractor.thread import Thread
from extractor.thread_json import thread_of

State = Literal["done", "none", "failed"]
"""Read; nothing there to read; failed, and `reason` says how."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """What was read from one capture, or why nothing was. It belongs to the capture with that record id."""

    record_id: str
    segment: str
    url: str
    at: datetime
    digest: str | None
    """SHA-1 in base32 of the payload that was read, as in the capture."""
    state: State
    reason: str | None = None
    extractor: str | None = None
    version: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    """ISO 8601, a date or a time, as precise as the page is."""
    language: str | None = None
    sha256: str | None = None
    """Of the text in UTF-8, in hexadecimal."""
    text: str | None = None
    fields: Mapping[str, Any] | None = None
    """What else the page says of itself, as far as it is known: `authors`, `modified`, and the fields of
    `extractor.about.About`; `thread`, the posts of a page of a forum or the comments under an article; `origins` says
    of each field where its value came from."""

    @property
    def thread(self) -> Thread | None:
        """The posts that were read from the page; None where there were none. Raises ValueError for what is none."""
        said = (self.fields or {}).get("thread")
        return None if said is None else thread_of(said)


_COLUMNS = tuple(texts.c[field.name] for field in fields(TextRow))


class Texts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, record_id: str) -> TextRow | None:
        """The text of the capture with that record id; None while nobody has read it."""
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(texts.c.record_id == record_id)).one_or_none()
        return None if row is None else TextRow(*row)


def insert_texts(connection: Connection, rows: Iterable[TextRow]) -> None:
    """Insert the texts that are missing, inside the caller's transaction."""
    if values := [asdict(row) for row in rows]:
        connection.execute(insert_missing(connection, texts, "record_id"), values)
