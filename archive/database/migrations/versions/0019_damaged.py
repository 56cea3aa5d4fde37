"""Captures whose bytes are out of reach are marked, with the reason and when that was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "damaged",
        sa.Column("capture_id", _ID, autoincrement=False, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("found_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("capture_id", name="pk_damaged"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_damaged_capture_id"),
    )
    op.create_index("ix_damaged_record_id", "damaged", ["record_id"])
