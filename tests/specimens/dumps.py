"""What a database says of what is kept, in a form that can be compared."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, text

from archive.database.engine import Database
from archive.database.packed_text import unpack


def dump(database: Database) -> dict[str, list[Any]]:
    """All that a database says of what is kept; not when it came to know it, nor under which numbers."""
    named = {
        "segments": "name, collection, worker, epoch, object_key, manifest_key, sha256, size, records, problem",
        "captures": "urlkey, at, url, captures.collection, kind, status, mime, digest, captures.sha256, "
        'payload_length, name, "offset", length, span, record_id, source, run, refers_to_record, refers_to_url, '
        "refers_to_at, etag, last_modified, redirect, truncated",
        "texts": "*",
        "wordings": "collection, source, urlkey, key, gist, reader, url, record_id, language, first_at, last_at, "
        "superseded_at, novelty",
        "worded": "worded.record_id, key, at",
        "vocabulary": "term, col, key, offset",
    }
    joined = {
        "captures": "captures JOIN segments ON segment_id = segments.id",
        "worded": "worded JOIN wordings ON wording_id = wordings.id",
        "vocabulary": "vocabulary JOIN wordings ON doc = wordings.id",
    }
    with database.reading() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, instance)")
            )
        else:
            named["vocabulary"], joined["vocabulary"] = "key, part, said", "words JOIN wordings ON wording_id = id"
        return {
            table: sorted(map(_line, connection.execute(text(f"SELECT {columns} FROM {joined.get(table, table)}"))))
            for table, columns in named.items()
        }


def _line(row: Row[Any]) -> str:
    return repr(tuple(map(_ordered, row)))


def _ordered(value: Any) -> Any:
    """A JSON object with its keys in order: what was read from a sidecar has them in another. A packed text as well."""
    if isinstance(value, bytes | memoryview):
        return tuple(map(_ordered, unpack(bytes(value))))
    try:
        found = json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    except ValueError:  # a text that begins with a brace
        return value
    return json.dumps(found, sort_keys=True) if isinstance(found, dict) else value
