"""When a page last changed, as its list had said: a later time there is a change, whatever our clock says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("pages", sa.Column("listed_at", sa.BigInteger))
