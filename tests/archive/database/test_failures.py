"""Refusals are distinguished from unreachable databases, by errors of real ones, with SQLAlchemy and the driver."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from services.databases import database_at
from services.disks import no_descriptors, read_only, small_disk
from services.postgresql import PostgresServer
from specimens.captures import NOON
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from archive.database.engine import Database, open_database
from archive.database.marks import Marks
from archive.index.index import Index
from archive.values.errors import DatabaseFull, DatabaseReadOnly, DatabaseRefused, DatabaseUnreachable

Door = Callable[[Database], object]
DOORS: dict[str, Door] = {
    "statement": lambda database: Marks(database, "").get("n"),
    "prepared": lambda database: Index(database, now=lambda: NOON).latest("default", "https://e.org/"),
}
doors = pytest.mark.parametrize("ask", DOORS.values(), ids=DOORS.keys())
_FULL = """ALTER TABLE {table} RENAME TO kept_{table};
CREATE FUNCTION sorted_{table}() RETURNS SETOF kept_{table} LANGUAGE plpgsql AS
$$ BEGIN RAISE 'could not write to file "base/pgsql_tmp": No space left on device' USING ERRCODE = '53100'; END $$;
CREATE VIEW {table} AS SELECT * FROM sorted_{table}()"""
"""Makes the server respond to queries of a table as if a sort had no disk space for its temporary file."""


@pytest.fixture
def owner(postgresql: PostgresServer) -> Iterator[Database]:
    with postgresql.database() as url, closing(open_database(url)) as database:
        yield database


@pytest.fixture
def opened(owner: Database) -> Iterator[Callable[..., Database]]:
    """Open the database of `owner` again, with server settings for these connections."""
    made: list[Database] = []

    def again(**settings: str) -> Database:
        options = " ".join(f"-c{name}={value}" for name, value in settings.items())
        url = owner.engine.url.update_query_dict({"options": options})
        made.append(open_database(url.render_as_string(), migrate=False))
        return made[-1]

    yield again
    for database in made:
        database.close()


@pytest.fixture
def guest(owner: Database) -> Iterator[str]:
    """Create a user without permissions."""
    role = f"guest_of_{owner.engine.url.database}"
    executed(owner, f"CREATE ROLE {role}")
    yield role
    executed(owner, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def executed(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.postgresql
@doors
def test_a_connection_ended_by_the_administrator_counts_as_unreachable(
    owner: Database, opened: Callable[..., Database], ask: Door
) -> None:
    database = opened()
    ask(database)

    def end(connection: Any, *_: object) -> None:
        executed(owner, f"SELECT pg_terminate_backend({connection.info.backend_pid}, 10000)")

    event.listen(database.engine, "checkout", end)
    with pytest.raises(DatabaseUnreachable, match="terminating connection due to administrator command"):
        ask(database)
    event.remove(database.engine, "checkout", end)
    ask(database)


@pytest.mark.postgresql
@doors
def test_a_query_over_the_time_limit_is_refused(owner: Database, opened: Callable[..., Database], ask: Door) -> None:
    database = opened(statement_timeout="100")
    with owner.engine.begin() as connection:
        connection.execute(text("LOCK TABLE captures, marks"))
        with pytest.raises(
            DatabaseRefused, match="can't be used: canceling statement due to statement timeout"
        ) as told:
            ask(database)

    assert not isinstance(told.value, DatabaseUnreachable)


@pytest.mark.postgresql
@doors
def test_a_user_without_permission_is_refused(
    owner: Database, opened: Callable[..., Database], guest: str, ask: Door
) -> None:
    executed(owner, f"GRANT SELECT ON segments TO {guest}")

    with pytest.raises(DatabaseRefused, match="can't be used: permission denied for table"):
        ask(opened(role=guest))


@pytest.mark.postgresql
@doors
def test_a_full_disk_is_reported_as_such(owner: Database, ask: Door) -> None:
    executed(owner, *(_FULL.format(table=table) for table in ("marks", "segments")))

    with pytest.raises(DatabaseFull, match=r"the disk of the database postgresql.* is full: could not write to file"):
        ask(owner)


@pytest.mark.postgresql
def test_writing_in_a_read_only_session_is_refused(owner: Database, opened: Callable[..., Database]) -> None:
    assert not owner.is_read_only()
    assert opened(default_transaction_read_only="on").is_read_only()
    with pytest.raises(DatabaseReadOnly, match="is read-only: cannot execute INSERT in a read-only transaction"):
        Marks(opened(default_transaction_read_only="on"), "").set("n", "1")


def at_least(engine_of: Database, setting: str) -> None:
    """Apply a setting to all later connections."""
    event.listen(engine_of.engine, "checkout", lambda connection, *_: connection.execute(f"PRAGMA {setting}"))


def test_a_locked_sqlite_file_counts_as_unreachable(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database, closing(database_at(tmp_path / "a.db")) as other:
        at_least(database, "busy_timeout = 50")
        with (
            other.writing(),
            pytest.raises(DatabaseUnreachable, match="another process is writing and does not finish"),
        ):
            Marks(database, "").set("n", "1")
        Marks(database, "").set("n", "1")

        assert Marks(database, "").get("n") == "1"


def test_an_sqlite_file_without_space_is_full(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        at_least(database, "max_page_count = 1")
        with pytest.raises(DatabaseFull, match=r"the disk of the database .*/a\.db is full: database or disk is full"):
            Marks(database, "").set("n", "1" * 100_000)


def unmigrated(file: Path) -> Database:
    return open_database(f"sqlite:///{file}", migrate=False)


@pytest.mark.system
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small file system")
@pytest.mark.parametrize("left", [(), ("-wal",), ("-wal", "-shm")], ids=["closed", "log", "log and its index"])
def test_an_sqlite_file_on_a_read_only_disk_is_reported_as_such(tmp_path: Path, left: tuple[str, ...]) -> None:
    with small_disk(tmp_path / "disk") as disk:
        file = disk / "a.db"
        with closing(database_at(file)) as database:
            Marks(database, "").set("kept", "yes")
            kept = {ending: Path(f"{file}{ending}").read_bytes() for ending in left}
        for ending, content in kept.items():
            Path(f"{file}{ending}").write_bytes(content)
        with (
            read_only(disk),
            closing(unmigrated(file)) as database,
            pytest.raises(DatabaseReadOnly, match=rf"the database {file} is read-only: Read-only file system"),
        ):
            Marks(database, "").set("kept", "no")
        with closing(database_at(file)) as database:
            Marks(database, "").set("kept", "again")


def test_an_sqlite_that_a_process_with_too_many_files_opens_says_so(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        database.close()
        with no_descriptors(), pytest.raises(DatabaseRefused, match=r"can't be used: Too many open files"):
            Marks(database, "").get("kept")


def test_writing_to_a_read_only_sqlite_file_is_refused(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        at_least(database, "query_only = ON")
        with pytest.raises(DatabaseReadOnly, match=r"/a\.db is read-only: attempt to write a readonly database"):
            Marks(database, "").set("n", "1")


def test_damage_found_by_a_prepared_query_is_reported(tmp_path: Path) -> None:
    with closing(database_at(tmp_path / "a.db")) as database:
        executed(database, "ALTER TABLE captures RENAME TO elsewhere")
        with pytest.raises(DatabaseRefused, match=r"/a\.db can't be used: no such table: captures"):
            DOORS["prepared"](database)


@doors
def test_a_table_that_is_lost_is_refused(either: Database, ask: Door) -> None:
    with either.writing() as connection:
        for table in ("marks", "captures"):
            connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO lost_{table}")
    with pytest.raises(DatabaseRefused):
        ask(either)


def test_a_violated_constraint_is_not_a_failure_of_the_database(either: Database) -> None:
    with pytest.raises(IntegrityError):
        executed(either, "INSERT INTO marks (name) VALUES ('n')")
