"""The loss of tables, rows or the newest state of a database in use is noticed, and repaired at the next start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from services.databases import database_at
from specimens.captures import NOON
from specimens.segments import SegmentFile, answered

from archive.database.engine import Database, open_database
from archive.database.lost_tables import TABLES, tables_in
from archive.database.marks import Marks
from archive.database.witness import Witness
from archive.index.index import Index
from archive.values.errors import DatabaseUnusable
from scheduler.events import Events

DROPPED = ("captures", "wordings", "words", "runs", "alembic_version")


def write(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def drop(database: Database, *tables: str) -> None:
    if database.engine.dialect.name == "postgresql":
        write(database, *(f"DROP TABLE {table} CASCADE" for table in tables))
        return
    connection = database.engine.raw_connection()
    connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]
    for table in tables:
        connection.execute(f"DROP TABLE {table}")  # type: ignore[attr-defined]
    connection.invalidate()
    connection.close()


def delete_rows(database: Database, *tables: str) -> None:
    """Delete all rows, in this order."""
    write(database, *(f"DELETE FROM {table}" for table in tables))


def again(database: Database) -> Database:
    return open_database(database.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def filled(either: Database, tmp_path: Path) -> Database:
    """Provide a database with a capture, a mark and three events."""
    index, file = Index(either, now=lambda: NOON), SegmentFile(tmp_path)
    index.opened(file.name, collection="default", worker="w", epoch=1, path=file.path, at=NOON)
    index.add([file.write(answered())])
    Marks(either, "").set("kept", "yes")
    for number in range(3):
        Events(either).append(NOON, f"event-{number}")
    return either


@pytest.fixture
def witness(filled: Database) -> Witness:
    """Provide a witness that has checked once."""
    witness = Witness(filled.engine, every=0)
    assert witness.trouble() is None
    return witness


def test_a_database_with_added_and_deleted_rows_is_fine(filled: Database, witness: Witness) -> None:
    Events(filled).append(NOON, "another")
    write(filled, "DELETE FROM events WHERE id < 3")
    pruned = witness.trouble()
    delete_rows(filled, "events")

    assert (pruned, witness.trouble(), Witness(filled.engine, every=0).trouble()) == (None, None, None)


@pytest.mark.parametrize("table", DROPPED)
def test_a_dropped_table_is_noticed_and_created_when_the_database_is_opened_again(
    filled: Database, witness: Witness, table: str
) -> None:
    drop(filled, table)
    noticed = witness.trouble()
    with closing(again(filled)) as opened:
        with opened.reading() as connection:
            there = tables_in(connection)
        kept = Marks(opened, "").get("kept")
        segments = Index(opened, now=lambda: NOON).segments()

    assert table == "alembic_version" or (noticed and noticed.endswith(f" has lost tables: {table}"))
    assert there >= TABLES | {"alembic_version"}
    assert kept == "yes"
    assert len(segments) == (table in ("runs", "alembic_version"))


def test_a_database_with_all_tables_dropped_counts_as_empty_when_it_is_opened_again(filled: Database) -> None:
    with filled.reading() as connection:
        shadows = {"words_data", "words_idx", "words_content", "words_docsize", "words_config", "sqlite_sequence"}
        names = sorted(tables_in(connection) - shadows)
    drop(filled, *names)
    with closing(again(filled)) as opened, opened.reading() as connection:
        assert tables_in(connection) >= TABLES


def test_tables_of_another_revision_without_their_revision_are_left_alone(filled: Database) -> None:
    write(filled, "DROP TABLE alembic_version", "ALTER TABLE runs ADD COLUMN colour VARCHAR")

    with pytest.raises(DatabaseUnusable, match="alembic_version is empty or gone"):
        again(filled)


def test_deleted_rows_are_noticed_and_the_index_is_cleared(filled: Database, witness: Witness) -> None:
    delete_rows(filled, "captures")
    noticed = witness.trouble()
    index = Index(filled, now=lambda: NOON)
    cleared = (index.clear_lost(), index.clear_lost())

    assert noticed and noticed.endswith(" has lost all rows of: captures")
    assert cleared == ("captures", None)
    assert index.segments() == []
    assert Marks(filled, "").get("kept") == "yes"


def test_an_index_that_has_lost_nothing_is_not_cleared(filled: Database) -> None:
    index = Index(filled, now=lambda: NOON)

    assert index.clear_lost() is None
    assert len(index.segments()) == 1


def test_a_service_that_was_stopped_in_between_clears_the_index_too(filled: Database) -> None:
    write(filled, "INSERT INTO texts (record_id, segment, url, at, state) VALUES ('r', 's', 'u', 0, 'none')")
    delete_rows(filled, "captures")

    assert Index(filled, now=lambda: NOON).clear_lost() == "captures"


def test_captures_of_deleted_segments_are_not_assigned_to_new_segments(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        index, file = Index(database, now=lambda: NOON), SegmentFile(tmp_path)
        index.opened(file.name, collection="default", worker="w", epoch=1, path=file.path, at=NOON)
        index.add([file.write(answered())])
        with closing(sqlite3.connect(tmp_path / "a.db")) as stranger:
            stranger.execute("DELETE FROM segments")
            stranger.commit()
        cleared = Index(database, now=lambda: NOON).clear_lost()

        assert cleared == "segments"
        assert list(index.captures("https://example.org/", match="host")) == []


def test_other_processes_notice_that_the_index_on_a_server_was_cleared(filled: Database, witness: Witness) -> None:
    delete_rows(filled, "captures")
    Witness(filled.engine, every=0).trouble()
    other = Witness(filled.engine, every=0)
    write(filled, "INSERT INTO texts (record_id, segment, url, at, state) VALUES ('r', 's', 'u', 0, 'none')")
    other.trouble()
    Index(filled, now=lambda: NOON).clear_lost()
    noticed = other.trouble()

    assert bool(noticed and noticed.endswith(" was emptied")) is (filled.engine.dialect.name == "postgresql")


def test_an_emptied_a_replaced_and_an_older_database_are_noticed(filled: Database) -> None:
    witnesses = [Witness(filled.engine, every=0) for _ in range(3)]
    assert [witness.trouble() for witness in witnesses] == [None] * 3
    write(filled, "DELETE FROM events WHERE id = 3")
    older = witnesses[0].trouble()
    write(filled, "UPDATE marks SET value = 'other' WHERE name = 'database:id'")
    another = witnesses[1].trouble()
    delete_rows(filled, "marks")
    emptied = witnesses[2].trouble()

    assert older and older.startswith("an older copy was written over the database ")
    assert another and another.startswith("another database is in the place of ")
    assert emptied and emptied.endswith(" was emptied")


def test_a_database_that_cannot_be_queried_counts_as_unchanged(tmp_path: Path) -> None:
    with closing(open_database(f"sqlite:///{tmp_path}/a.db")) as database:
        witness = Witness(database.engine, every=0)
        witness.trouble()
        database.close()
        (tmp_path / "a.db").rename(tmp_path / "b.db")
        (tmp_path / "a.db").mkdir()

        assert witness.trouble() is None
