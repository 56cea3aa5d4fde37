"""What the spider of a user gave in a run: how many items, and Scrapy's statistics."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("runs", sa.Column("spider", sa.Text))
