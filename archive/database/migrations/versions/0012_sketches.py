"""Sketches of texts, and the bands that copies are found by. `pressmark rebuild` fills them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "sketches",
        sa.Column("wording_id", _ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sketch", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("wording_id", name="pk_sketches"),
        sa.ForeignKeyConstraint(["wording_id"], ["wordings.id"], name="fk_sketches_wording_id"),
    )
    op.create_table(
        "bands",
        sa.Column("band", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("key", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("wording_id", _ID, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("band", "key", "wording_id", name="pk_bands"),
        sqlite_with_rowid=False,
    )
