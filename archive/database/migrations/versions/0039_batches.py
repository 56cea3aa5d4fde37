"""Work over the whole store that services share, and its parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

_LEFT = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("outcome", sa.String),
        sa.Column("result", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_requested_at", "batches", ["requested_at"])
    op.create_table(
        "batch_jobs",
        sa.Column("batch", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("worker", sa.String),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("done_at", sa.BigInteger),
        sa.Column("result", sa.Text),
        sa.PrimaryKeyConstraint("batch", "name", name="pk_batch_jobs"),
    )
    left = ["batch", "stage", "name"]
    op.create_index("ix_batch_jobs_left", "batch_jobs", left, sqlite_where=_LEFT, postgresql_where=_LEFT)
