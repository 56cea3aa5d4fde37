"""A run may be asked for everything: also for the pages that are not due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("runs", sa.Column("everything", sa.Boolean))
