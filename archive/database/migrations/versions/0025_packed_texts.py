"""Text, Markdown and fields of a page compressed together, in one column: a quarter of their size."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from archive.database.packed_text import PackedText, PageText, page_text

revision = "0025"
down_revision = "0024"

_TEXTS = sa.table(
    "texts",
    sa.column("record_id", sa.String),
    sa.column("text", sa.Text),
    sa.column("markdown", sa.Text),
    sa.column("fields", sa.JSON(none_as_null=True)),
    sa.column("content", PackedText),
)
_BATCH = 200


def upgrade() -> None:
    op.add_column("texts", sa.Column("content", PackedText))
    connection = op.get_bind()
    here = _TEXTS.c.record_id == sa.bindparam("record")
    packed = sa.update(_TEXTS).where(here).values(content=sa.bindparam("packed"))
    last = ""
    while batch := _after(connection, last):
        connection.execute(packed, [{"record": record, "packed": content} for record, content in batch])
        last = batch[-1][0]
    for column in ("text", "markdown", "fields"):
        op.drop_column("texts", column)


def _after(connection: sa.Connection, last: str) -> list[tuple[str, PageText]]:
    query = sa.select(_TEXTS.c.record_id, _TEXTS.c.text, _TEXTS.c.markdown, _TEXTS.c.fields)
    rows = connection.execute(query.where(_TEXTS.c.record_id > last).order_by(_TEXTS.c.record_id).limit(_BATCH))
    return [(record, page_text(*content)) for record, *content in rows]
