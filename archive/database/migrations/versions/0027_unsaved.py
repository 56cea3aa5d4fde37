"""What changed in the ledger since it was last written to the store. Everything that is there now is unsaved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    unsaved = op.create_table(
        "unsaved",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unsaved"),
        sqlite_autoincrement=True,
    )
    has_rows = "SELECT EXISTS (SELECT 1 FROM runs) OR EXISTS (SELECT 1 FROM pauses) OR EXISTS (SELECT 1 FROM marks)"
    if op.get_bind().exec_driver_sql(has_rows).scalar():
        op.bulk_insert(unsaved, [{"kind": "everything", "key": "[]"}])
