"""Tables of events, webhooks and figures."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, String, Table, Text, UniqueConstraint

from archive.database.columns import Id, Moment, metadata

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", String, nullable=False),
    Column("source", String),
    Column("run", String),
    Column("facts", Text, nullable=False),  # JSON
    sqlite_autoincrement=True,  # ids are never reused, since readers use them as cursors
)

# The webhooks, each with the last event that was processed for it.
webhooks = Table(
    "webhooks",
    metadata,
    Column("name", String, primary_key=True),
    Column("cursor", BigInteger, nullable=False),  # the last event that was processed for it
    Column("disabled_at", Moment),
    Column("reason", Text),
)

# Messages to webhooks, until they are delivered.
messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook", String, nullable=False),
    Column("event", BigInteger, nullable=False),
    Column("message", String, nullable=False),  # webhook-id: the same however often it is sent
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),  # JSON, as it is signed
    Column("state", String, nullable=False),  # waiting, delivered, given-up, withheld
    Column("attempts", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("noted_at", Moment, nullable=False),
    Column("ended_at", Moment),  # while it waits: since when its page is taken down
    Column("answer", Text),  # the result of the last attempt, as a sentence
    UniqueConstraint("webhook", "event"),
    Index(None, "webhook", "state", "next_at"),
    sqlite_autoincrement=True,
)

# The watches, each with the last event that was processed for it.
watches = Table(
    "watches",
    metadata,
    Column("name", String, primary_key=True),
    Column("cursor", BigInteger, nullable=False),  # the last event that was processed for it
)

# The sentences that watches found: what was added to a page.
watch_hits = Table(
    "watch_hits",
    metadata,
    Column("id", Id, primary_key=True),
    Column("watch", String, nullable=False),
    Column("event", BigInteger, nullable=False),  # of the page that is new or changed
    Column("number", Integer, nullable=False),  # of the sentence among those of the event
    Column("found_at", Moment, nullable=False),
    Column("at", Moment, nullable=False),  # of the capture
    Column("source", String, nullable=False),
    Column("url", String, nullable=False),
    Column("record_id", String, nullable=False),
    Column("title", Text),
    Column("language", String),
    Column("novelty", String, nullable=False),  # new, changed
    Column("phrase", String, nullable=False),
    Column("sentence", Text, nullable=False),
    UniqueConstraint("watch", "event", "number"),
    Index(None, "watch", "id"),
    sqlite_autoincrement=True,
)

# What a language model wrote about the sentences that watches found, and why it wrote nothing.
machine_texts = Table(
    "machine_texts",
    metadata,
    Column("hit", BigInteger, primary_key=True, autoincrement=False),  # the id of the sentence in watch_hits
    Column("kind", String, primary_key=True),  # summary, translation
    Column("language", String, primary_key=True),  # of the text; empty: that of the page
    Column("model", String, nullable=False),
    Column("digest", String),  # SHA-256 of the text that was sent
    Column("state", String, nullable=False),  # asked, made, failed, spent, withheld
    Column("reason", Text),  # why there is no text, as a sentence
    Column("text", Text),
    Column("at", Moment, nullable=False),  # of the state
    Column("tries", Integer, nullable=False),  # requests that were sent for it
    Index(None, "digest"),
)

# What processes counted, for /metrics: archive.values.counters.
figures = Table(
    "figures",
    metadata,
    Column("name", String, primary_key=True),
    Column("labels", String, primary_key=True),  # a list in JSON
    Column("value", Float, nullable=False),
)
