"""Tables for search and comparison: text versions, derived from `texts` alone, and the items of users' spiders."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

from archive.database.columns import Id, Key, Moment, metadata, partial_index

# Text versions: each text that a URL had in a source, once, however often it was captured. See
# archive.texts.text_version.
wordings = Table(
    "wordings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("collection", String, nullable=False),
    Column("source", String, nullable=False),
    Column("urlkey", Key, nullable=False),
    Column("key", String, nullable=False),  # SHA-256 of title and text
    Column("gist", String, nullable=False),  # SHA-256 of the text without noise
    Column("reader", String, nullable=False),  # extractor and version: each may extract another text of a page
    Column("url", String, nullable=False),
    Column("record_id", String, nullable=False),  # of the first capture with this text
    Column("language", String),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("superseded_at", Moment),  # when the page was first captured with another text; NULL: never
    Column("novelty", String, nullable=False),  # new, changed, noise (no other change, or not the page), reread
    Column("verdict", String),  # blocked, captcha, login, soft-404, parked; NULL for a page
    UniqueConstraint("collection", "source", "urlkey", "key"),
    Index(None, "urlkey", "last_at"),
    Index(None, "source", "first_at"),
    Index(None, "collection", "first_at"),
    Index(None, "first_at", "id"),
    sqlite_autoincrement=True,  # the id of a replaced text is never reused
)

# The text version of each record.
worded = Table(
    "worded",
    metadata,
    Column("record_id", String, primary_key=True),
    Column("wording_id", Id, ForeignKey("wordings.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "wording_id", "at"),
    sqlite_with_rowid=False,
)

# Segments in the store whose texts are to be read: by any process that takes such jobs.
reading_jobs = Table(
    "reading_jobs",
    metadata,
    Column("segment", String, primary_key=True),
    Column("records", Text),  # JSON: the records to read again; NULL: the segment was shipped without texts
    Column("requested_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),  # later than it was requested after a failure
    Column("epoch", BigInteger, nullable=False),  # one more each time that it is taken: who has an older one is late
    Column("until", Moment),  # when the process that took it last counts as dead; NULL: nobody has it
    Column("reader", String),  # the process that took it last, for people
    Column("failures", Integer, nullable=False),  # in a row
    Column("problem", Text),  # why the last attempt failed, as a sentence
    Index(None, "due_at"),
)
partial_index("ix_reading_jobs_unread", "records IS NULL", reading_jobs.c.requested_at, reading_jobs.c.segment)
partial_index("ix_reading_jobs_again", "records IS NOT NULL", reading_jobs.c.requested_at, reading_jobs.c.segment)

# The items of users' spiders, derived from their objects in the store alone.
items = Table(
    "items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run", String, nullable=False),
    Column("number", Integer, nullable=False),  # the line of the run's items, from 0
    Column("collection", String, nullable=False),
    Column("source", String, nullable=False),
    Column("urlkey", Key, nullable=False),
    Column("url", String, nullable=False),  # of the response that it comes from; empty: none
    Column("record_id", String),  # of that response in its WARC
    Column("at", Moment, nullable=False),  # of that response, or of the run
    Column("item", Text, nullable=False),  # JSON
    UniqueConstraint("run", "number"),
    sqlite_autoincrement=True,  # as that of wordings
)

# The tokens of archive.texts.search.tokens by text version, and by item under its negative id. It holds the positions
# of tokens; the texts are in `texts` and `items`.
# A database that was made before 30 November 2026 also has an index of prefixes until it is rebuilt: that takes 37 % of
# the space of this index, and queries of one Chinese character are as fast without it.
WORDS = """CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='', tokenize='ascii', detail='full'
)"""
event.listen(metadata, "after_create", DDL(WORDS).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
_LEXEMES = (
    "CREATE TABLE words (wording_id BIGINT NOT NULL, part INTEGER NOT NULL, said TSVECTOR NOT NULL, "
    "CONSTRAINT pk_words PRIMARY KEY (wording_id, part))",
    "CREATE INDEX ix_words_said ON words USING gin (said)",
)
for ddl in _LEXEMES:
    event.listen(metadata, "after_create", DDL(ddl).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]

# The sketch of each text version: archive.texts.search.sketch. Short texts have no row.
sketches = Table(
    "sketches",
    metadata,
    Column("wording_id", Id, ForeignKey("wordings.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
)

# Similar texts share a band: the same key at the same position.
bands = Table(
    "bands",
    metadata,
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("wording_id", Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
