"""Which worker visits a host, and on which machine a worker is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "host_claims",
        sa.Column("host", sa.String, nullable=False),
        sa.Column("worker", sa.String, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("delay", sa.BigInteger, nullable=False),
        sa.Column("wanted_by", sa.BigInteger),
        sa.Column("wanted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("host", name="pk_host_claims"),
    )
    op.add_column("epochs", sa.Column("host", sa.String))
    op.add_column("epochs", sa.Column("spool", sa.String))
