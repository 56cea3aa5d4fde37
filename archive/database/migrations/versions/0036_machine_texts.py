"""A language model writes summaries and translations of the sentences that watches found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "machine_texts",
        sa.Column("hit", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("digest", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("text", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("hit", "kind", "language", name="pk_machine_texts"),
    )
    op.create_index("ix_machine_texts_digest", "machine_texts", ["digest"])
