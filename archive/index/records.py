"""Find captures by the ids of their WARC records."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from archive.database.engine import Database
from archive.database.schema import captures, texts
from archive.database.time_limit import time_limit
from archive.index.rows import capture_of, select_captures
from archive.values.capture import Capture
from archive.values.urlkey import urlkey

_LONGEST = 20.0
"""Seconds to search all captures."""
_AT_ONCE = 500
"""Records of one query."""


def capture_named(database: Database, name: str) -> Capture | None:
    """Return the capture of a record by its WARC-Record-ID, with or without its brackets and ``urn:uuid:``.

    None if there is none. Raises QueryTooLong, as `capture_of_record`.
    """
    plain = name_of(name)
    found = (capture_of_record(database, record_id) for record_id in (f"<urn:uuid:{plain}>", f"<{plain}>"))
    return next((capture for capture in found if capture), None)


def captures_at(database: Database, records: Sequence[tuple[str, str]]) -> dict[str, Capture]:
    """Return the captures of these records, each given by its URL and its WARC-Record-ID, by the latter.

    The index by URLs finds them. A record that is not there is not in the result. Raises QueryTooLong, as above.
    """
    found: dict[str, Capture] = {}
    for first in range(0, len(records), _AT_ONCE):
        part = records[first : first + _AT_ONCE]
        keys = {urlkey(url) for url, _ in part}
        names = {form: name for _, name in part for form in (f"<urn:uuid:{name_of(name)}>", f"<{name_of(name)}>")}
        query = select_captures().where(captures.c.urlkey.in_(keys), captures.c.record_id.in_(names))
        with time_limit(_LONGEST), database.reading() as connection:
            for row in connection.execute(query.order_by(captures.c.id)):
                capture = capture_of(row)
                found.setdefault(names[capture.record_id], capture)
    return found


def name_of(record_id: str) -> str:
    """Return what is left of a record id without its brackets and ``urn:uuid:``."""
    return record_id.strip("<>").removeprefix("urn:uuid:")


def capture_of_record(database: Database, record_id: str) -> Capture | None:
    """Return the capture of a record, given as ``<urn:uuid:…>``; None if there is none.

    The row of its text leads to a capture with a text at once. Without one, all captures are searched: an index by
    random ids would slow down every crawl. Raises QueryTooLong if that takes longer than 20 s.
    """
    named = select_captures().where(captures.c.record_id == record_id).order_by(captures.c.id).limit(1)
    with database.reading() as connection:
        text = connection.execute(select(texts.c.url, texts.c.at).where(texts.c.record_id == record_id)).one_or_none()
        if text is not None:
            there = (captures.c.urlkey == urlkey(text.url), captures.c.at == text.at)
            row = connection.execute(named.where(*there)).first()
            if row is not None:
                return capture_of(row)
    with time_limit(_LONGEST), database.reading() as connection:
        row = connection.execute(named).first()
    return None if row is None else capture_of(row)
