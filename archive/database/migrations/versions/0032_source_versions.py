"""Each version of each source file, for the machines that share a database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "source_versions",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("sha256", sa.String),
        sa.Column("configs", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_source_versions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_source_versions_file_number", "source_versions", ["file", "number"])
