"""Tables of fixity: the objects that the stores must have, each copy's last check, and what happened to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from archive.database.columns import Id, Moment, metadata

# The objects that the store must have. They are noted when a segment is committed, and when the store is listed.
objects = Table(
    "objects",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("sha256", String),  # none for a manifest of which only the key is known
    Column("size", BigInteger),
    Column("segment", String),  # that it belongs to, if any
    Column("seen_at", Moment, nullable=False),
    Index(None, "segment"),
)

# The last check of each copy. The first store's copy has no row before its first check.
copies = Table(
    "copies",
    metadata,
    Column("object_id", Id, ForeignKey("objects.id"), primary_key=True, autoincrement=False),
    Column("place", String, primary_key=True),  # store, or the name of a replica
    Column("checked_at", Moment, nullable=False),
    Column("outcome", String, nullable=False),  # ok, damaged, missing, unreadable
    Column("note", Text),  # what was found, as a sentence
    Index(None, "outcome"),
    Index(None, "place", "checked_at"),
)

# What was found and done, in the terms of PREMIS 3.
preservation_events = Table(
    "preservation_events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("type", String, nullable=False),  # fixity check, replication, deletion
    Column("outcome", String, nullable=False),  # success, fail
    Column("note", Text, nullable=False),
    Column("agent", String, nullable=False),
    Column("place", String, nullable=False),
    Column("object", String),  # the key, or the file of the spool; none for a whole audit
    Index(None, "object"),
    sqlite_autoincrement=True,
)
