"""The newest runs of all sources are found without looking at every run."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("ix_runs_requested_at_id", "runs", ["requested_at", "id"])
