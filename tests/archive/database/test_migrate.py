from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from services.databases import BOTH
from services.postgresql import EMPTY, PostgresServer
from sqlalchemy import Engine, create_engine, inspect

from archive.database.engine import open_database
from archive.database.migrate import alembic_config, newest, revision, upgrade
from archive.database.schema import metadata
from archive.values.errors import DatabaseUnusable

_TEXT_OF_0017 = """INSERT INTO texts (record_id, segment, url, at, state, fields)
VALUES (:record, 's', 'u', 0, 'done', :fields)"""
_WORDING_OF_0017 = """INSERT INTO wordings
(collection, source, urlkey, key, gist, reader, url, record_id, first_at, last_at, novelty)
VALUES ('c', 's', 'u', :record, '', '', 'u', :record, 0, 0, 'new')"""


def reflected(engine: Engine) -> dict[str, Any]:
    """Return the reflected tables of a database, without Alembic's."""
    seen = inspect(engine)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(table)],
            "primary key": seen.get_pk_constraint(table),
            "foreign keys": seen.get_foreign_keys(table),
            "indexes": sorted(map(plain, seen.get_indexes(table)), key=str),
            "unique": sorted(seen.get_unique_constraints(table), key=str),
            "options": seen.get_table_options(table),
        }
        for table in seen.get_table_names()
        if table != "alembic_version"
    }


def plain(index: Any) -> dict[str, Any]:
    """Return an index with its condition as SQL."""
    return {**index, "dialect_options": {name: str(value) for name, value in index["dialect_options"].items()}}


def is_no_index_of_words(name: str | None, kind: str, _: Any) -> bool:
    """Exclude virtual tables and those of FTS5, which Alembic can't compare; `reflected` does."""
    return kind != "table" or (name or "").partition("_")[0] != "words"


def sqlite(path: Path) -> Engine:
    return create_engine(f"sqlite:///{path}")


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Create empty databases of each kind."""
    with ExitStack() as made:

        def make() -> Engine:
            engine = sqlite(tmp_path / f"{secrets.token_hex(6)}.db") if request.param == "sqlite" else on_server()
            made.callback(engine.dispose)
            return engine

        def on_server() -> Engine:
            server: PostgresServer = request.getfixturevalue("postgresql")
            return create_engine(made.enter_context(server.database(EMPTY)))

        yield make


def migrate_by_all_revisions(engine: Engine) -> None:
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def test_a_migrated_database_equals_a_fresh_one(empty: Callable[[], Engine]) -> None:
    migrated, fresh = empty(), empty()
    migrate_by_all_revisions(migrated)
    upgrade(fresh)

    with migrated.connect() as one, fresh.connect() as other:
        assert revision(one) == revision(other) == newest()
    assert inspect(migrated).get_pk_constraint("alembic_version") == inspect(fresh).get_pk_constraint("alembic_version")
    assert str(inspect(migrated).get_columns("alembic_version")) == str(inspect(fresh).get_columns("alembic_version"))
    assert reflected(fresh) == reflected(migrated)
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_no_index_of_words})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_has_the_index_of_words_of_a_fresh_one(tmp_path: Path) -> None:
    migrated, fresh = sqlite(tmp_path / "migrated.db"), sqlite(tmp_path / "fresh.db")
    migrate_by_all_revisions(migrated)
    upgrade(fresh)

    assert words_table(migrated) == words_table(fresh)
    assert "prefix" not in words_table(migrated)


def words_table(engine: Engine) -> str:
    """Return the definition of the index of words, which `reflected` leaves out."""
    with engine.connect() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'words'").scalar_one()
    engine.dispose()
    return " ".join(made.split())


def test_a_column_that_no_revision_adds_is_noticed(empty: Callable[[], Engine]) -> None:
    migrated, fresh = empty(), empty()
    migrate_by_all_revisions(migrated)
    upgrade(fresh)
    with fresh.begin() as connection:
        connection.execute(sa.text("ALTER TABLE captures ADD COLUMN colour VARCHAR"))

    assert reflected(fresh) != reflected(migrated)


def test_the_revisions_have_one_head_and_its_name_is_the_newest_file() -> None:
    assert [newest()] == ScriptDirectory.from_config(alembic_config()).get_heads()


def test_texts_of_an_earlier_version_get_their_verdicts(empty: Callable[[], Engine]) -> None:
    engine = empty()
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0017")
        for record, fields in (("r1", '{"verdict": {"kind": "login"}}'), ("r2", '{"topic": "verdict"}'), ("r3", None)):
            values = {"record": record, "fields": fields}
            connection.execute(sa.text(_TEXT_OF_0017), values)
            connection.execute(sa.text(_WORDING_OF_0017), values)
    upgrade(engine)

    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT record_id, verdict FROM wordings")).all()
    assert dict(map(tuple, found)) == {"r1": "login", "r2": None, "r3": None}


def test_the_closed_collections_of_a_run_are_found_by_an_index_since_0031(empty: Callable[[], Engine]) -> None:
    engine = empty()
    indexes = []
    for number in ("0030", "0031"):
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), number)
        indexes.append({index["name"]: index["column_names"] for index in inspect(engine).get_indexes("captures")})

    assert "ix_captures_run_collection" not in indexes[0]
    assert indexes[1] == {**indexes[0], "ix_captures_run_collection": ["run", "collection"]}


def test_migrating_again_is_harmless(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    upgrade(engine)

    with engine.connect() as connection:
        assert newest() == revision(connection)


@pytest.mark.parametrize("others", ["", "CREATE TABLE others (a)"], ids=["created", "migrated"])
def test_an_interrupted_migration_leaves_the_database_unchanged(tmp_path: Path, others: str) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute(others)
        connection.execute("CREATE VIEW events AS SELECT 1")  # the last table of the first revision
    connection.close()

    with pytest.raises(DatabaseUnusable, match=f"the database {path} can't be used: .*events"):
        open_database(f"sqlite:///{path}")

    assert [file for file in psutil.Process().open_files() if Path(file.path).is_relative_to(tmp_path)] == []
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
        assert kept == [("events",)] + [("others",)] * bool(others)
    connection.close()


def test_a_database_of_a_newer_pressmark_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    open_database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(
        DatabaseUnusable, match=f"a newer Pressmark wrote it: .* knows schema {newest()}, not 9999; install"
    ):
        open_database(f"sqlite:///{path}")


def test_processes_that_open_a_new_database_at_once_all_find_it_migrated(empty: Callable[[], Engine]) -> None:
    url = empty().url.render_as_string()
    program = f"from archive.database.engine import open_database\nopen_database({url!r}).close()"
    processes = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]

    failures = [process.communicate()[1].decode() for process in processes]

    assert failures == [""] * 4


@pytest.mark.parametrize("is_there", [False, True])
def test_a_new_database_and_one_at_the_newest_revision_are_opened_without_alembic(
    tmp_path: Path, is_there: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    if is_there:
        open_database(url).close()

    program = (
        f"import sys; from archive.database.engine import open_database; open_database({url!r}).close()\n"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
