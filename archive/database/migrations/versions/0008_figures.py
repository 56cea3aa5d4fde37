"""What processes counted, for those who measure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "figures",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("labels", sa.String, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name="pk_figures"),
    )
