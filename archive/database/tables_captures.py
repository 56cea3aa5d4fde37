"""Tables of the archive: segments, captures and their texts. The store alone can restore them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from archive.database.columns import Id, Key, Moment, metadata, partial_index
from archive.database.packed_text import PackedText

segments = Table(
    "segments",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("collection", String, nullable=False),
    Column("worker", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # open, sealed, committed, releasing, released, given-up; foreign WARCs begin as committed
    Column("state", String, nullable=False),
    Column("path", String),  # the local file, while there is one
    Column("object_key", String),  # set when the manifest is committed
    Column("manifest_key", String),
    Column("sha256", String),
    Column("size", BigInteger),
    Column("records", BigInteger),
    Column("opened_at", Moment, nullable=False),
    Column("sealed_at", Moment),
    Column("committed_at", Moment),
    Column("released_at", Moment),
    Column("problem", Text),  # why it is not uploaded, or not released, as a sentence
    Index(None, "state"),
    Index(None, "sha256"),
)

captures = Table(
    "captures",
    metadata,
    Column("id", Id, primary_key=True),
    Column("urlkey", Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("url", String, nullable=False),
    Column("collection", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", Integer),
    Column("mime", String),
    Column("digest", String),
    Column("sha256", String),
    Column("payload_length", BigInteger, nullable=False),
    Column("segment_id", Id, ForeignKey("segments.id"), nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("span", BigInteger, nullable=False),
    Column("record_id", String, nullable=False),
    Column("source", String, nullable=False),
    Column("run", String, nullable=False),
    Column("refers_to_record", String),
    Column("refers_to_url", String),
    Column("refers_to_at", Moment),
    Column("etag", String),
    Column("last_modified", String),
    Column("redirect", String),
    Column("truncated", String),
    Column("reservations", String),
    # The offset identifies a record of a segment. Offsets ascend, so this index grows at its end, while an index of
    # random record ids would rewrite a page for each row.
    UniqueConstraint("segment_id", "offset"),
    Index(None, "urlkey", "at"),
    Index(None, "run"),  # in the order of the ids, for the pages of a list
    Index(None, "run", "collection"),
)
partial_index("ix_captures_sha256", "kind = 'response'", captures.c.sha256)

# Captures whose bytes can't be read. A capture without a row here can be read.
damaged = Table(
    "damaged",
    metadata,
    Column("capture_id", Id, ForeignKey("captures.id"), primary_key=True, autoincrement=False),
    Column("record_id", String, nullable=False),
    Column("state", String, nullable=False),  # quarantined, missing, damaged, original
    Column("reason", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    Index(None, "record_id"),
)

texts = Table(
    "texts",
    metadata,
    Column("record_id", String, primary_key=True),
    Column("segment", String, nullable=False),
    Column("url", String, nullable=False),
    Column("at", Moment, nullable=False),
    Column("digest", String),
    Column("state", String, nullable=False),  # done, none (nothing to read), failed
    Column("reason", Text),
    Column("extractor", String),
    Column("version", String),
    Column("title", Text),
    Column("author", Text),
    Column("date", String),
    Column("language", String),
    Column("sha256", String),  # of the text in UTF-8
    Column("content", PackedText),  # the text, its Markdown and other metadata
    Index(None, "segment"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("urlkey", Key, primary_key=True),
    Column("url", String, nullable=False),
    Column("page", String, nullable=False),  # the address under which the page is archived
    Column("page_key", Key, nullable=False),
    Column("reason", String, nullable=False),  # spelling, canonical
    Index(None, "page_key"),
)

# What people say of snapshots. The store has it too, in the ledger: the rows of captures can be filled without it.
snapshot_notes = Table(
    "snapshot_notes",
    metadata,
    Column("record_id", String, primary_key=True),  # of the capture
    Column("text_record", String, nullable=False),  # of the capture with its payload: that of a revisit is another
    Column("urlkey", Key, nullable=False),
    Column("url", String, nullable=False),
    Column("at", Moment, nullable=False),  # of the capture
    Column("collection", String, nullable=False),
    Column("source", String, nullable=False),
    Column("tags", Text, nullable=False),  # JSON: a list of strings
    Column("note", Text, nullable=False),
    Column("by", String, nullable=False),  # as in the audit trail
    Column("noted_at", Moment, nullable=False),
    Column("former", Text),  # JSON: the tags and the note before
    Index(None, "noted_at", "record_id"),
)

# The tags of these notes, to find snapshots by.
snapshot_tags = Table(
    "snapshot_tags",
    metadata,
    Column("tag", Key, primary_key=True),
    Column("record_id", String, primary_key=True),
    Column("text_record", String, nullable=False),
    Column("urlkey", Key, nullable=False),
    Column("collection", String, nullable=False),
    Index(None, "record_id"),
    sqlite_with_rowid=False,
)
