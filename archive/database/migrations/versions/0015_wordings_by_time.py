"""What was said last, anywhere, is found without sorting all that was ever said."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("ix_wordings_first_at_id", "wordings", ["first_at", "id"])
