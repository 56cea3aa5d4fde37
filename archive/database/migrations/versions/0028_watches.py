"""Watches, and the sentences that they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("cursor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_watches"),
    )
    op.create_table(
        "watch_hits",
        sa.Column("id", _ID, nullable=False),
        sa.Column("watch", sa.String, nullable=False),
        sa.Column("event", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("title", sa.Text),
        sa.Column("language", sa.String),
        sa.Column("novelty", sa.String, nullable=False),
        sa.Column("phrase", sa.String, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_hits"),
        sa.UniqueConstraint("watch", "event", "number", name="uq_watch_hits_watch_event_number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_watch_hits_watch_id", "watch_hits", ["watch", "id"])
