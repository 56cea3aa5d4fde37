"""The items of users' spiders, to be searched. Those of earlier runs come from the store when the index is compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("record_id", sa.String),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("item", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_items"),
        sa.UniqueConstraint("run", "number", name="uq_items_run_number"),
        sqlite_autoincrement=True,
    )
