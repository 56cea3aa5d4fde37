"""The next job is the first of an index, however many wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

_UNREAD, _AGAIN = sa.text("records IS NULL"), sa.text("records IS NOT NULL")
_BY_HAND = sa.text("status = 'queued' AND tick IS NULL")


def upgrade() -> None:
    job = ["requested_at", "segment"]
    op.create_index("ix_reading_jobs_unread", "reading_jobs", job, sqlite_where=_UNREAD, postgresql_where=_UNREAD)
    op.create_index("ix_reading_jobs_again", "reading_jobs", job, sqlite_where=_AGAIN, postgresql_where=_AGAIN)
    run = ["requested_at", "id"]
    op.create_index("ix_runs_by_hand", "runs", run, sqlite_where=_BY_HAND, postgresql_where=_BY_HAND)
