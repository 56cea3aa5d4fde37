"""What else a page says of itself: section, tags, lead image and so on, with where each comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("texts", sa.Column("fields", sa.JSON))


def downgrade() -> None:
    op.drop_column("texts", "fields")
