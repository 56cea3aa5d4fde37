"""Whether a run has captures of a closed collection is found without reading all its captures."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_index("ix_captures_run_collection", "captures", ["run", "collection"])
