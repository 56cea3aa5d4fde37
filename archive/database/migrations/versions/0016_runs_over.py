"""What is summed over all runs is read from an index, and no longer from their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_OVER = sa.text("outcome IS NOT NULL")


def upgrade() -> None:
    columns = ["source", "outcome", "captures", "revisits", "failures", "bytes", "ended_at"]
    op.create_index("ix_runs_over", "runs", columns, sqlite_where=_OVER, postgresql_where=_OVER)
