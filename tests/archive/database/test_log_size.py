"""The log of an SQLite database, which a long read makes large, becomes small again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from archive.database.engine import open_database

LIMIT = 32 << 20
"""Bytes that the log has at most once nobody reads an old state."""


def test_a_log_that_grew_during_a_long_read_is_cut(tmp_path: Path) -> None:
    log = tmp_path / "pressmark.db-wal"
    with closing(open_database(f"sqlite:///{tmp_path}/pressmark.db")) as database:
        with database.writing() as connection:
            connection.execute(text("CREATE TABLE filler (content BLOB)"))
        with database.reading() as reader:
            reader.execute(text("SELECT count(*) FROM filler")).one()
            for _ in range(3):
                with database.writing() as connection:
                    connection.execute(text("INSERT INTO filler VALUES (zeroblob(:size))"), {"size": LIMIT // 2})
            grown = log.stat().st_size
        for _ in range(2):  # the first empties the log, the second begins it again
            with database.writing() as connection:
                connection.execute(text("INSERT INTO filler VALUES ('x')"))

        assert grown > LIMIT
        assert log.stat().st_size <= LIMIT
