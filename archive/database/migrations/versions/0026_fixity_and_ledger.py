"""What the stores must have, when each copy was last checked, and what was found and done; what the ledger must save.

WARCs and manifests of earlier segments are noted here; their sidecars when their manifest is read or the store listed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_NOTE_WARCS = """
INSERT INTO objects (key, sha256, size, segment, seen_at)
SELECT object_key, min(sha256), min(size), min(name), min(coalesce(committed_at, opened_at))
FROM segments WHERE object_key IS NOT NULL GROUP BY object_key"""
_NOTE_MANIFESTS = """
INSERT INTO objects (key, segment, seen_at)
SELECT manifest_key, min(name), min(coalesce(committed_at, opened_at))
FROM segments WHERE manifest_key IS NOT NULL GROUP BY manifest_key"""


def upgrade() -> None:
    op.create_table(
        "objects",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("sha256", sa.String),
        sa.Column("size", sa.BigInteger),
        sa.Column("segment", sa.String),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_objects"),
        sa.UniqueConstraint("key", name="uq_objects_key"),
    )
    op.create_index("ix_objects_segment", "objects", ["segment"])
    op.create_table(
        "copies",
        sa.Column("object_id", _ID, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("checked_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("note", sa.Text),
        sa.ForeignKeyConstraint(["object_id"], ["objects.id"], name="fk_copies_object_id"),
        sa.PrimaryKeyConstraint("object_id", "place", name="pk_copies"),
    )
    op.create_index("ix_copies_outcome", "copies", ["outcome"])
    op.create_index("ix_copies_place_checked_at", "copies", ["place", "checked_at"])
    op.create_table(
        "preservation_events",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("object", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_preservation_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_preservation_events_object", "preservation_events", ["object"])
    op.execute(_NOTE_WARCS)
    op.execute(_NOTE_MANIFESTS)
    op.create_table(
        "unsaved",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unsaved"),
        sqlite_autoincrement=True,
    )
