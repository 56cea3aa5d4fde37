"""All tables. Rows are an index and a ledger: captures, segments and texts are rebuilt from the store alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since 1970 UTC: sorts, compares and survives any database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 UTC. Raises TypeError for a naive time."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    return _EPOCH + value * _MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Keys are compared byte by byte, whatever the language of the database.
_Key = String().with_variant(String(collation="C"), "postgresql")

# BigInteger keys do not count up by themselves in SQLite; Integer does, and is 64 bits there.
_Id = BigInteger().with_variant(Integer, "sqlite")

segments = Table(
    "segments",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("collection", String, nullable=False),
    Column("worker", String, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # open, sealed, committed, releasing, released; foreign WARCs begin as committed
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
    Column("problem", Text),  # why shipping does not go on, as a sentence
    Index(None, "state"),
    Index(None, "sha256"),
)

captures = Table(
    "captures",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("urlkey", _Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("url", String, nullable=False),
    Column("collection", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("status", Integer),
    Column("mime", String),
    Column("digest", String),
    Column("sha256", String),
    Column("payload_length", BigInteger, nullable=False),
    Column("segment_id", _Id, ForeignKey("segments.id"), nullable=False),
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
    # A record of a segment is told by where it begins. Offsets go up, so this index grows at its end, while one on the
    # random record ids would rewrite a page for each row.
    UniqueConstraint("segment_id", "offset"),
    Index(None, "urlkey", "at"),
    Index(None, "sha256", sqlite_where=text("kind = 'response'"), postgresql_where=text("kind = 'response'")),
    Index(None, "run"),
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
    Column("text", Text),
    Column("fields", JSON(none_as_null=True)),  # what else the page says of itself
    Column("markdown", Text),  # the text as Markdown, where its marks are known
    Index(None, "segment"),
)

# What a page said: each text that a URL had in a source, once, however often it was captured. See archive.wording.
wordings = Table(
    "wordings",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("collection", String, nullable=False),
    Column("source", String, nullable=False),
    Column("urlkey", _Key, nullable=False),
    Column("key", String, nullable=False),  # SHA-256 of title and text
    Column("gist", String, nullable=False),  # SHA-256 of what is left of the text without noise
    Column("reader", String, nullable=False),  # extractor and version: another one reads another text of the same page
    Column("url", String, nullable=False),
    Column("record_id", String, nullable=False),  # of the first capture with this text
    Column("language", String),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("superseded_at", Moment),  # when the page was first seen with another text after that; NULL: never
    Column("novelty", String, nullable=False),  # new, changed, noise (only noise has changed), reread
    UniqueConstraint("collection", "source", "urlkey", "key"),
    Index(None, "urlkey", "last_at"),
    Index(None, "source", "first_at"),
    Index(None, "collection", "first_at"),
    sqlite_autoincrement=True,  # the number of a text that was replaced is never given to another
)

# Which text each record has.
worded = Table(
    "worded",
    metadata,
    Column("record_id", String, primary_key=True),
    Column("wording_id", _Id, ForeignKey("wordings.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "wording_id", "at"),
    sqlite_with_rowid=False,
)

# The tokens of archive.tokens, by wording. The texts themselves are in `texts`: here is only where each token stands.
WORDS = """CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='', tokenize='ascii', detail='full', prefix='1'
)"""
event.listen(metadata, "after_create", DDL(WORDS).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]

# What each wording is compared by: archive.sketch. A wording that is too short has no row.
sketches = Table(
    "sketches",
    metadata,
    Column("wording_id", _Id, ForeignKey("wordings.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
)

# Texts that are alike share a band: the same key at the same place.
bands = Table(
    "bands",
    metadata,
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("wording_id", _Id, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

epochs = Table(
    "epochs",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("worker", String, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("ended_at", Moment),
    sqlite_autoincrement=True,  # a fencing number is never given twice
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("tick", Moment),
    Column("url", String),  # of `pressmark archive URL`: one page, no source
    Column("status", String, nullable=False),  # queued, running, over
    Column("outcome", String),  # done, unchanged, partial, empty, failed, blocked, limited, cancelled
    Column("reason", Text),
    Column("attempt", Integer, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("seen_at", Moment),
    Column("ended_at", Moment),
    Column("worker", String),
    Column("epoch", BigInteger),
    Column("cancel", Boolean, nullable=False, default=False),
    Column("pages", BigInteger, nullable=False, default=0),
    Column("captures", BigInteger, nullable=False, default=0),
    Column("revisits", BigInteger, nullable=False, default=0),
    Column("failures", BigInteger, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("queued", BigInteger, nullable=False, default=0),  # URLs still in the frontier
    Column("config_hash", String),
    Column("completeness", Text),  # JSON: what became of the items that the site lists
    UniqueConstraint("source", "tick"),
    Index(None, "status", "requested_at"),
    Index(None, "source", "requested_at"),
    Index(None, "requested_at", "id"),
)

slots = Table(
    "slots",
    metadata,
    Column("source", String, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("state", String, nullable=False),  # queued, ran, caught-up, skipped, failed
    Column("reason", Text),
    Column("run", String),
    Column("noted_at", Moment, nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("source", String, primary_key=True),  # "*" pauses all crawling
    Column("since", Moment, nullable=False),
    Column("reason", Text),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("source", String, primary_key=True),
    Column("state", String, nullable=False),  # blocked, free
    Column("since", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run", String, nullable=False),
    Column("told", String, nullable=False),  # the notifiers that passed it on, with blanks between them
)

events = Table(
    "events",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String),
    Column("run", String),
    Column("facts", Text, nullable=False),  # JSON
    sqlite_autoincrement=True,  # a reader's cursor never meets a number twice
)

# Those who are told of events by signed messages: how far each has been followed.
webhooks = Table(
    "webhooks",
    metadata,
    Column("name", String, primary_key=True),
    Column("cursor", BigInteger, nullable=False),  # the last event that was looked at for it
    Column("disabled_at", Moment),
    Column("reason", Text),
)

# What is to be told to each, until it was.
messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("webhook", String, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("message", String, nullable=False),  # webhook-id: the same however often it is sent
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),  # JSON, as it is signed
    Column("state", String, nullable=False),  # waiting, delivered, given-up
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("answer", Text),  # what came of the last attempt, in a sentence
    UniqueConstraint("webhook", "event"),
    Index(None, "webhook", "state", "next_at"),
    sqlite_autoincrement=True,
)

# What processes counted, for /metrics: archive.figures.
figures = Table(
    "figures",
    metadata,
    Column("name", String, primary_key=True),
    Column("labels", String, primary_key=True),  # a list in JSON
    Column("value", Float, nullable=False),
)

# What a crawl remembers of a page from one run to the next. It is no part of what is kept: a lost row costs a request.
pages = Table(
    "pages",
    metadata,
    Column("source", String, primary_key=True),
    Column("url", String, primary_key=True),
    Column("fetched_at", Moment, nullable=False),
    Column("changed_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("interval", BigInteger, nullable=False),  # seconds
    Column("last", String, nullable=False),  # new, changed, unchanged, barred, gone, failed, moved
    Column("misses", Integer, nullable=False),  # 404s in a row
    Column("signature", String),  # of the text when it was last good
    Column("verdict", String),
    Column("mark", String),  # what the site's own list said of it: a count of replies
)

# What the last run of a source found and did not have.
owed = Table(
    "owed",
    metadata,
    Column("source", String, primary_key=True),
    Column("rank", BigInteger, primary_key=True),
    Column("url", String, nullable=False),
    Column("role", Integer, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("mark", String),
)

aliases = Table(
    "aliases",
    metadata,
    Column("urlkey", _Key, primary_key=True),
    Column("url", String, nullable=False),
    Column("page", String, nullable=False),  # the address that the page is had by
    Column("page_key", _Key, nullable=False),
    Column("reason", String, nullable=False),  # spelling, canonical
    Index(None, "page_key"),
)
