"""The first tables: segments, captures, texts; epochs, runs, slots, pauses, marks; events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_MOMENT = sa.BigInteger


def upgrade() -> None:
    _segments()
    _captures()
    _texts()
    _epochs()
    _runs()
    _timetable()
    _events()


def _segments() -> None:
    op.create_table(
        "segments",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("path", sa.String),
        sa.Column("object_key", sa.String),
        sa.Column("manifest_key", sa.String),
        sa.Column("sha256", sa.String),
        sa.Column("size", sa.BigInteger),
        sa.Column("records", sa.BigInteger),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("sealed_at", _MOMENT),
        sa.Column("committed_at", _MOMENT),
        sa.Column("released_at", _MOMENT),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
        sa.UniqueConstraint("name", name="uq_segments_name"),
    )
    op.create_index("ix_segments_state", "segments", ["state"])
    op.create_index("ix_segments_sha256", "segments", ["sha256"])


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("id", _ID, nullable=False),
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("mime", sa.String),
        sa.Column("digest", sa.String),
        sa.Column("sha256", sa.String),
        sa.Column("payload_length", sa.BigInteger, nullable=False),
        sa.Column("segment_id", _ID, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("span", sa.BigInteger, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("refers_to_record", sa.String),
        sa.Column("refers_to_url", sa.String),
        sa.Column("refers_to_at", _MOMENT),
        sa.Column("etag", sa.String),
        sa.Column("last_modified", sa.String),
        sa.Column("redirect", sa.String),
        sa.Column("truncated", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.ForeignKeyConstraint(["segment_id"], ["segments.id"], name="fk_captures_segment_id"),
        sa.UniqueConstraint("segment_id", "offset", name="uq_captures_segment_id_offset"),
    )
    op.create_index("ix_captures_urlkey_at", "captures", ["urlkey", "at"])
    kept = sa.text("kind = 'response'")
    op.create_index("ix_captures_sha256", "captures", ["sha256"], sqlite_where=kept, postgresql_where=kept)
    op.create_index("ix_captures_run", "captures", ["run"])


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("digest", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("extractor", sa.String),
        sa.Column("version", sa.String),
        sa.Column("title", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("date", sa.String),
        sa.Column("language", sa.String),
        sa.Column("sha256", sa.String),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("record_id", name="pk_texts"),
    )
    op.create_index("ix_texts_segment", "texts", ["segment"])


def _epochs() -> None:
    op.create_table(
        "epochs",
        sa.Column("id", _ID, nullable=False),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_epochs"),
        sqlite_autoincrement=True,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("tick", _MOMENT),
        sa.Column("url", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("reason", sa.Text),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("requested_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("seen_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("worker", sa.String),
        sa.Column("epoch", sa.BigInteger),
        sa.Column("cancel", sa.Boolean, nullable=False),
        sa.Column("pages", sa.BigInteger, nullable=False),
        sa.Column("captures", sa.BigInteger, nullable=False),
        sa.Column("revisits", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("queued", sa.BigInteger, nullable=False),
        sa.Column("config_hash", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("source", "tick", name="uq_runs_source_tick"),
    )
    op.create_index("ix_runs_status_requested_at", "runs", ["status", "requested_at"])
    op.create_index("ix_runs_source_requested_at", "runs", ["source", "requested_at"])


def _timetable() -> None:
    op.create_table(
        "slots",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("run", sa.String),
        sa.Column("noted_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "at", name="pk_slots"),
    )
    op.create_table(
        "pauses",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("source", name="pk_pauses"),
    )


def _events() -> None:
    op.create_table(
        "marks",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    op.create_table(
        "events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("source", sa.String),
        sa.Column("run", sa.String),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
