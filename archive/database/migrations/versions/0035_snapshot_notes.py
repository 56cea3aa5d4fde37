"""People give snapshots tags and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "snapshot_notes",
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("text_record", sa.String, nullable=False),
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("tags", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("noted_at", sa.BigInteger, nullable=False),
        sa.Column("former", sa.Text),
        sa.PrimaryKeyConstraint("record_id", name="pk_snapshot_notes"),
    )
    op.create_index("ix_snapshot_notes_noted_at_record_id", "snapshot_notes", ["noted_at", "record_id"])
    op.create_table(
        "snapshot_tags",
        sa.Column("tag", _KEY, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("text_record", sa.String, nullable=False),
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("tag", "record_id", name="pk_snapshot_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_snapshot_tags_record_id", "snapshot_tags", ["record_id"])
