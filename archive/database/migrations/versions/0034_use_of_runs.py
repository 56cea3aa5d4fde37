"""A run has the `use` of its source, which holds when the source is removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("runs", sa.Column("use", sa.String))
