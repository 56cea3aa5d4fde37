"""Sources that keep their pages from us, and who has been told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("told", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_alarms"),
    )
