"""A migration on PostgreSQL lets others pass while it waits for a table, and an error names who holds it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from services.postgresql import PostgresServer
from sqlalchemy import Connection, text

from archive.database import migrate
from archive.database.engine import open_database
from archive.database.migrate import newest
from archive.database.migrations import lock_tries
from archive.values.errors import DatabaseUnreachable

pytestmark = pytest.mark.postgresql

NEWER = "9999"
_REVISION = f"""from alembic import op
revision, down_revision = "{NEWER}", "{newest()}"
def upgrade():
    op.execute("ALTER TABLE runs ADD COLUMN shelf TEXT")
    op.execute("ALTER TABLE captures ADD COLUMN shelf TEXT")
"""
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
_REPORT = "nightly report"


@pytest.fixture
def url(postgresql: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return a database that lacks a column of the newest revision."""
    made = shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations")
    (made / "versions" / f"{NEWER}_shelf.py").write_text(_REVISION)
    with postgresql.database() as url:
        monkeypatch.setattr(migrate, "MIGRATIONS", made)
        yield url


@contextmanager
def reading_for_long(url: str) -> Iterator[psycopg.Connection]:
    """Hold a transaction that has read the table."""
    with psycopg.connect(url, application_name=_REPORT) as connection:
        connection.execute("SELECT count(*) FROM runs")
        yield connection
        connection.rollback()


@contextmanager
def migrating(url: str) -> Iterator[None]:
    """Migrate beside the caller; wait for its end."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            open_database(url).close()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


def until_waits(connection: psycopg.Connection, table: str) -> None:
    """Return once the migration waits for a table."""
    while not connection.execute(_WAITING, [table]).fetchone()[0]:  # type: ignore[index]
        time.sleep(0.01)


def passes(url: str, within: float) -> bool:
    """Return whether a short reader gets through that many seconds after the migration has begun to wait."""
    with psycopg.connect(url, autocommit=True) as connection:
        until_waits(connection, "runs")
        connection.execute(f"SET lock_timeout = {int(within * 1000)}")
        try:
            connection.execute("SELECT count(*) FROM runs")
        except psycopg.errors.LockNotAvailable:
            return False
        return True


def schema(url: str) -> str:
    with psycopg.connect(url) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])  # type: ignore[index]


def test_a_migration_that_waits_for_a_long_reader_lets_others_pass(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_tries, "LOCK_WAIT", 0.3)
    with reading_for_long(url) as reader, migrating(url):
        assert passes(url, within=30)
        reader.rollback()

    assert schema(url) == NEWER


def test_without_short_waits_nobody_passes(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_tries, "LOCK_WAIT", 60)
    with reading_for_long(url) as reader, migrating(url):
        assert not passes(url, within=0.5)
        reader.rollback()


def test_a_migration_that_waits_for_who_waits_for_it_is_tried_again(url: str) -> None:
    """After a second, PostgreSQL ends one of the two: the migration, whose try waits for longer."""
    with (
        psycopg.connect(url, application_name=_REPORT) as reader,
        psycopg.connect(url, autocommit=True) as looking,
    ):
        reader.execute("SELECT count(*) FROM captures")
        with migrating(url):
            until_waits(looking, "captures")
            reader.execute("SELECT count(*) FROM runs")
            reader.rollback()

    assert schema(url) == NEWER


def test_no_try_waits_longer_than_the_first_although_it_sees_nobody_hold_the_lock(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seconds in {"LOCK_WAIT": 0.05, "PATIENCE": 0.0, "_PAUSE": 0.0}.items():
        monkeypatch.setattr(lock_tries, name, seconds)
    monkeypatch.setattr(lock_tries, "_HOLDERS", text("SELECT WHERE :pid < 0"))
    waits: list[str] = []

    def work(connection: Connection) -> None:
        waits.append(str(connection.exec_driver_sql("SHOW lock_timeout").scalar_one()))
        connection.exec_driver_sql("LOCK TABLE runs")

    with (
        closing(open_database(url, migrate=False)) as database,
        reading_for_long(url),
        pytest.raises(DatabaseUnreachable, match="look in pg_stat_activity for old transactions"),
    ):
        lock_tries.in_tries(database.engine, work)

    assert waits == ["50ms"] * lock_tries._BLIND


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_tries, "PATIENCE", 0.5)


@pytest.mark.usefixtures("impatient")
def test_the_error_names_who_holds_the_table_and_the_way_out(url: str) -> None:
    before = schema(url)
    with reading_for_long(url) as reader:
        with pytest.raises(DatabaseUnreachable) as told:
            open_database(url)
        pid = reader.info.backend_pid

    said = str(told.value)
    assert f'process {pid} of the server ("{_REPORT}", user pressmark), idle in transaction' in said
    assert f"in a transaction since {time.strftime('%Y-')}" in said
    assert f"SELECT pg_terminate_backend({pid})" in said
    assert schema(url) == before


@pytest.mark.usefixtures("impatient")
def test_the_error_names_a_process_of_ours_that_writes(url: str) -> None:
    ours = r'\("pressmark \S+ [0-9]+", user pressmark\), idle in transaction'
    with (
        closing(open_database(url, migrate=False)) as other,
        other.writing(),
        pytest.raises(DatabaseUnreachable, match=ours),
    ):
        open_database(url)
