"""What a text is said by instead of the page, beside it, so that a search need not look into its fields."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TEXTS = sa.table("texts", sa.column("record_id", sa.String), sa.column("fields", sa.JSON))
_WORDINGS = sa.table(
    "wordings", sa.column("id", sa.Integer), sa.column("record_id", sa.String), sa.column("verdict", sa.String)
)


def upgrade() -> None:
    op.add_column("wordings", sa.Column("verdict", sa.String))
    connection = op.get_bind()
    judged = (
        sa.select(_WORDINGS.c.id, _TEXTS.c.fields)
        .join(_TEXTS, _TEXTS.c.record_id == _WORDINGS.c.record_id)
        .where(sa.cast(_TEXTS.c.fields, sa.Text).like('%"verdict"%'))
    )
    for wording, fields in connection.execute(judged).all():
        if verdict := fields.get("verdict"):
            connection.execute(sa.update(_WORDINGS).where(_WORDINGS.c.id == wording).values(verdict=verdict["kind"]))
