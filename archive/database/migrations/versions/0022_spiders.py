"""What the spider of a user gave in a run: how many items, and Scrapy's statistics."""

from __future__ import annotations

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("runs", sa.Column("spider", sa.Text))
    if not sa.inspect(op.get_bind()).has_table("damaged"):  # for an hour 0021 followed 0018, without 0019
        import_module("archive.database.migrations.versions.0019_damaged").upgrade()
