"""What crawls remember of pages: when each is asked for again, and its other addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_MOMENT = sa.BigInteger


def upgrade() -> None:
    op.create_table(
        "pages",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("fetched_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("interval", sa.BigInteger, nullable=False),
        sa.Column("last", sa.String, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("signature", sa.String),
        sa.Column("verdict", sa.String),
        sa.Column("mark", sa.String),
        sa.PrimaryKeyConstraint("source", "url", name="pk_pages"),
    )
    op.create_table(
        "aliases",
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("page_key", _KEY, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("urlkey", name="pk_aliases"),
    )
    op.create_index("ix_aliases_page_key", "aliases", ["page_key"])
