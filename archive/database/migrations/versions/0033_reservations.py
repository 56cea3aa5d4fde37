"""A capture has what its site says of the use of the page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("captures", sa.Column("reservations", sa.String))
