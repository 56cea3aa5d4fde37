"""What changed in the ledger since it was last written to the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "unsaved",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unsaved"),
        sqlite_autoincrement=True,
    )
