"""Segments whose texts other processes read than the one that uploads them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "reading_jobs",
        sa.Column("segment", sa.String, nullable=False),
        sa.Column("records", sa.Text),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("reader", sa.String),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.PrimaryKeyConstraint("segment", name="pk_reading_jobs"),
    )
    op.create_index("ix_reading_jobs_due_at", "reading_jobs", ["due_at"])
