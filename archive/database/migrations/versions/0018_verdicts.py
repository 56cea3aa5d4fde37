"""What a text is said by instead of the page, beside it, so that a search need not look into its fields."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TEXTS = sa.table("texts", sa.column("record_id", sa.String), sa.column("fields", sa.JSON))
_WORDINGS = sa.table("wordings", sa.column("record_id", sa.String), sa.column("verdict", sa.String))


def upgrade() -> None:
    op.add_column("wordings", sa.Column("verdict", sa.String))
    connection = op.get_bind()
    judged = sa.select(_TEXTS).where(sa.cast(_TEXTS.c.fields, sa.Text).like('%"verdict"%'))
    for record_id, fields in connection.execute(judged).all():
        if verdict := (fields or {}).get("verdict"):
            ours = sa.update(_WORDINGS).where(_WORDINGS.c.record_id == record_id)
            connection.execute(ours.values(verdict=verdict["kind"]))
