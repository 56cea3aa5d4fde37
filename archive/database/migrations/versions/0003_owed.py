"""What runs find and do not have, for the runs after them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "owed",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("role", sa.Integer, nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("mark", sa.String),
        sa.PrimaryKeyConstraint("source", "rank", name="pk_owed"),
    )
