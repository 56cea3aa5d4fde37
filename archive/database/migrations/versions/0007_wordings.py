"""What pages said, each text once, and the words of it for searching."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_MOMENT = sa.BigInteger
_WORDS = """CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='', tokenize='ascii', detail='full'
)"""  # databases that were made before 30 November 2026 also have an index of prefixes, and keep it
_LEXEMES = (
    "CREATE TABLE words (wording_id BIGINT NOT NULL, part INTEGER NOT NULL, said TSVECTOR NOT NULL, "
    "CONSTRAINT pk_words PRIMARY KEY (wording_id, part))",
    "CREATE INDEX ix_words_said ON words USING gin (said)",
)


def upgrade() -> None:
    op.create_table(
        "wordings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("collection", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("urlkey", _KEY, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("gist", sa.String, nullable=False),
        sa.Column("reader", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("language", sa.String),
        sa.Column("first_at", _MOMENT, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("superseded_at", _MOMENT),
        sa.Column("novelty", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wordings"),
        sa.UniqueConstraint("collection", "source", "urlkey", "key", name="uq_wordings_collection_source_urlkey_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_wordings_urlkey_last_at", "wordings", ["urlkey", "last_at"])
    op.create_index("ix_wordings_source_first_at", "wordings", ["source", "first_at"])
    op.create_index("ix_wordings_collection_first_at", "wordings", ["collection", "first_at"])
    op.create_table(
        "worded",
        sa.Column("record_id", sa.String, nullable=False),
        sa.Column("wording_id", _ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_worded"),
        sa.ForeignKeyConstraint(["wording_id"], ["wordings.id"], name="fk_worded_wording_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_worded_wording_id_at", "worded", ["wording_id", "at"])
    for statement in (_WORDS,) if op.get_bind().dialect.name == "sqlite" else _LEXEMES:
        op.execute(statement)
