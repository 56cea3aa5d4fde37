"""Runs that request every page in full, without asking the server whether it changed; and what a run did not fetch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("runs", sa.Column("dropped", sa.Text))
    op.add_column("runs", sa.Column("in_full", sa.Boolean))
