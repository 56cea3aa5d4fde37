"""Runs of all pages, also those that are not due; and how many pages of a run are drawn by scripts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("runs", sa.Column("everything", sa.Boolean))
    op.add_column("runs", sa.Column("drawn", sa.BigInteger))
