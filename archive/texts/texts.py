"""The texts extracted from captures: title, author, date, language and the text itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, bindparam, select

from archive.database.engine import Database
from archive.database.packed_text import NO_TEXT, PageText, page_text, unpack
from archive.database.prepared import Query, Row
from archive.database.schema import captures, moment, texts
from archive.database.statements import batches, insert_missing
from archive.values.capture import Capture
from archive.values.errors import DamagedRecord
from archive.values.reservations import Field
from archive.values.urlkey import urlkey
from extractor.values.thread import Thread
from extractor.values.thread_json import thread_of
from extractor.values.verdict import kind_among, of_status

log = logging.getLogger(__name__)

READ_TYPES = frozenset(("text/html", "application/xhtml+xml", "application/pdf", "application/x-pdf", "message/rfc822"))
"""Types of responses with status 200, and of records without an HTTP message, whose texts are extracted."""

DOWNLOAD_TYPES = frozenset(
    ("application/octet-stream", "binary/octet-stream", "application/force-download", "application/x-download")
)
"""Generic types for downloads: texts are only extracted if they begin like a PDF."""

State = Literal["done", "none", "failed"]
"""Extracted; no text on the page; failed, with the `reason`."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """The text of a capture, or why there is none. The record id identifies the capture."""

    record_id: str
    segment: str
    url: str
    at: datetime
    digest: str | None
    """SHA-1 in base32 of the payload, as in the capture."""
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
    markdown: str | None = None
    """The text as Markdown; None if its structure is unknown: then `archive.texts.text_as_markdown` makes it from the
    text."""
    fields: Mapping[str, Any] | None = None
    """Other known metadata: `authors`, `modified`, and the fields of
    `extractor.metadata.page_facts.About`; `thread`, the posts of a page of a forum or the comments under an article;
    `origins` has
    the origin of each field; `verdict` is what the response is if it is not the page; `reservations` are names and
    values of `<meta>` elements that say something of the use of the page."""

    @property
    def verdict(self) -> str | None:
        """The verdict: blocked, captcha, login, soft-404 or parked; None for a page."""
        return kind_among(self.fields)

    @property
    def reservations(self) -> list[Field]:
        """What the page says of its use in `<meta>` elements."""
        return [(str(name), str(value)) for name, value in (self.fields or {}).get("reservations", ())]

    @property
    def thread(self) -> Thread | None:
        """Return the posts of the page; None if it has none. Raises ValueError for invalid data."""
        said = (self.fields or {}).get("thread")
        return None if said is None else thread_of(said)


def facts_of(row: TextRow) -> dict[str, Any]:
    """Return the fields of a row, in order. Unlike `dataclasses.asdict`, this copies nothing: texts are long."""
    return {name: getattr(row, name) for name in _FIELDS}


_FIELDS = tuple(field.name for field in fields(TextRow))
_BATCH = 500
_OF_CONTENT = ("text", "markdown", "fields")
_BESIDE = tuple(name for name in _FIELDS if name not in _OF_CONTENT)
_AT = _BESIDE.index("at")
TEXT_COLUMNS = (*(texts.c[name] for name in _BESIDE), texts.c.content)
"""What `text_row` is given: the columns of a text."""


def text_row(values: Sequence[Any]) -> TextRow:
    """Return the text that `TEXT_COLUMNS` hold. Raises DamagedRecord if the database has damaged it."""
    *beside, content = values
    found: PageText = content
    facts = dict(zip(_BESIDE, beside, strict=True))
    if found.damage is not None:
        where = f"the text of {facts['url']}, record {facts['record_id']}, in the database"
        raise DamagedRecord(where, f"{found.damage}; pressmark extract --all --url {facts['url']} reads it again")
    return TextRow(**facts, text=found.text, markdown=found.markdown, fields=found.fields)


def whole_text(values: Sequence[Any]) -> TextRow | None:
    """Return the text that `TEXT_COLUMNS` hold; None, and an error in the log, if the database has damaged it."""
    try:
        return text_row(values)
    except DamagedRecord as error:
        log.error("%s", error)
        return None


def _select_of() -> Select[Any]:
    return select(*TEXT_COLUMNS).where(texts.c.record_id == bindparam("record_id"))


def _converted(values: Row) -> list[Any]:
    """Return the values of `TEXT_COLUMNS`, which the driver read, as SQLAlchemy would."""
    *beside, content = values
    beside[_AT] = moment(beside[_AT])
    return [*beside, NO_TEXT if content is None else unpack(content)]


def _values(row: TextRow) -> dict[str, Any]:
    beside = {name: getattr(row, name) for name in _BESIDE}
    return {**beside, "content": page_text(row.text, row.markdown, row.fields)}


class Texts:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._of = Query(database.engine, _select_of)

    def of(self, record_id: str) -> TextRow | None:
        """Return the text of the capture with that record id; None if it was not extracted yet."""
        rows = self._of.rows(record_id=record_id)
        return text_row(_converted(rows[0])) if rows else None

    def of_url(self, url: str) -> list[TextRow]:
        """Return the texts of the captures of a URL, newest first; at most a thousand, without damaged ones."""
        query = (
            select(*TEXT_COLUMNS)
            .join(captures, captures.c.record_id == texts.c.record_id)
            .where(captures.c.urlkey == urlkey(url), texts.c.state == "done")
            .order_by(captures.c.at.desc())
            .limit(1000)
        )
        with self.database.reading() as connection:
            return [row for each in connection.execute(query) if (row := whole_text(list(each))) is not None]

    def languages(self, record_ids: Iterable[str]) -> dict[str, str]:
        """Return the languages of the texts of some captures, by record id: empty if unknown. Captures without a text
        are left out."""
        query = select(texts.c.record_id, texts.c.language).where(texts.c.state == "done")
        found: dict[str, str] = {}
        with self.database.reading() as connection:
            for some in batches(sorted(record_ids), _BATCH):
                rows = connection.execute(query.where(texts.c.record_id.in_(some)))
                found |= {record_id: language or "" for record_id, language in rows}
        return found

    def has(self, segment: str) -> bool:
        """Return whether texts were extracted from a segment."""
        query = select(texts.c.record_id).where(texts.c.segment == segment).limit(1)
        with self.database.reading() as connection:
            return connection.execute(query).first() is not None

    def verdicts(self, captures: Sequence[Capture]) -> dict[str, str]:
        """Return what captures are instead of a page, by record id: from their status or their verdict."""
        found: dict[str, str] = {one.record_id: said.kind for one in captures if (said := of_status(one.status or 0))}
        payload = {one.record_id: one.refers_to.record_id if one.refers_to else one.record_id for one in captures}
        read = self._verdicts_of(sorted(set(payload.values())))
        return found | {record: read[of] for record, of in payload.items() if of in read}

    def _verdicts_of(self, record_ids: Sequence[str]) -> dict[str, str]:
        query = select(texts.c.record_id, texts.c.content).where(texts.c.content.is_not(None))
        found = {}
        with self.database.reading() as connection:
            for some in batches(record_ids, _BATCH):
                rows = connection.execute(query.where(texts.c.record_id.in_(some)))
                found.update({record: kind for record, content in rows if (kind := kind_among(content.fields))})
        return found


def insert_texts(connection: Connection, rows: Iterable[TextRow]) -> bool:
    """Insert the texts that are missing, inside the caller's transaction; return whether all of them were."""
    values = [_values(row) for row in rows]
    return not values or connection.execute(insert_missing(connection, texts, "record_id"), values).rowcount == len(
        values
    )
