"""Wrong passwords and tokens, counted by all processes together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "wrong_logins",
        sa.Column("id", _ID, nullable=False),
        sa.Column("network", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_logins"),
    )
    op.create_index("ix_wrong_logins_network_at", "wrong_logins", ["network", "at"])
    op.create_index("ix_wrong_logins_at", "wrong_logins", ["at"])
