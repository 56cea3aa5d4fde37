"""The text of a page as Markdown, beside the plain one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("texts", sa.Column("markdown", sa.Text))


def downgrade() -> None:
    op.drop_column("texts", "markdown")
