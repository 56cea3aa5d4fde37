"""Revisions that let services of the former version run on: each only adds, or removes what it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from services.postgresql import EMPTY, PostgresServer
from specimens.older import REVISIONS
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from archive.database.engine import open_database
from archive.database.marks import Marks
from archive.database.migrate import OLDEST_FITTING, alembic_config, newest
from archive.database.migrations.expanding import OLDEST, REMOVES, oldest_fitting
from archive.values.errors import DatabaseUnusable

FIRST = "0038"
"""Revisions before it are not listed."""
NEWER = "9999"
DATABASE = "the database"
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def seen(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return what services of an earlier version use: by table, what each part of it is like."""
    looked, found = inspect(connection), {}
    triggers = connection.execute(text(TRIGGERS[connection.dialect.name])).scalars()
    found[DATABASE] = {"columns": {}, "indexes": {}, "rules": {"triggers": sorted(triggers)}}
    for table in looked.get_table_names():
        if table.partition("_")[0] in ("words", "alembic"):
            continue
        columns = {f"{table}.{one['name']}": one for one in looked.get_columns(table)}
        indexes = {str(one["name"]): plain(one) for one in looked.get_indexes(table)}
        rules = {
            "primary key": looked.get_pk_constraint(table),
            "foreign keys": looked.get_foreign_keys(table),
            "unique": looked.get_unique_constraints(table),
            "checks": looked.get_check_constraints(table),
        }
        found[table] = {"columns": columns, "indexes": indexes, "rules": rules}
    return found


def plain(index: Any) -> dict[str, Any]:
    """Return an index with its condition as SQL."""
    return {**index, "dialect_options": {name: str(value) for name, value in index["dialect_options"].items()}}


def changes(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], removed: frozenset[str]) -> list[str]:
    """Return what would disturb a service of an earlier version; `removed` are the names that may go."""
    gone = [*before.keys() - after.keys()]
    wrong = []
    for table in before.keys() & after.keys():
        one, other = before[table], after[table]
        for kind in ("columns", "indexes"):
            gone += one[kind].keys() - other[kind].keys()
            same = one[kind].keys() & other[kind].keys()
            wrong += [f"{name} is another" for name in same if str(one[kind][name]) != str(other[kind][name])]
        new = [other["columns"][name] for name in other["columns"].keys() - one["columns"].keys()]
        wrong += [
            f"{table}.{column['name']} must be written"
            for column in new
            if not column["nullable"] and column["default"] is None
        ]
        fresh = [other["indexes"][name] for name in other["indexes"].keys() - one["indexes"].keys()]
        wrong += [f"{index['name']} is unique" for index in fresh if index["unique"]]
        wrong += [
            f"{table} has another {rule}" for rule, value in one["rules"].items() if value != other["rules"][rule]
        ]
    for table in after.keys() - before.keys():
        keys = after[table]["rules"]["foreign keys"]
        wrong += [f"{table} keeps rows of {key['referred_table']}" for key in keys if key["referred_table"] in before]
    wrong += [f"{name} is gone" for name in gone if name not in removed]
    return sorted(wrong + [f"{name} is still there" for name in removed.difference(gone)])


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.costly])],
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'a.db'}"
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgresql")
            url = stack.enter_context(server.database(EMPTY))
        engine = create_engine(url)
        stack.callback(engine.dispose)
        yield engine


@pytest.fixture
def migrate(engine: Engine) -> Callable[[str], None]:
    def to(revision: str) -> None:
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), revision)

    return to


def test_each_revision_says_which_versions_work_with_its_tables_and_changes_nothing_for_those(
    engine: Engine, migrate: Callable[[str], None]
) -> None:
    later = [each for each in REVISIONS if each >= FIRST]
    assert OLDEST.keys() == {*later}, "list the new revision in archive/database/migrations/expanding.py"
    former = REVISIONS[REVISIONS.index(FIRST) - 1]
    migrate(former)
    for each in later:
        with engine.connect() as connection:
            before = seen(connection)
        migrate(each)
        with engine.connect() as connection:
            after = seen(connection)
        if OLDEST[each] != each:
            assert changes(before, after, REMOVES.get(each, frozenset())) == [], each


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("ALTER TABLE batches RENAME COLUMN kind TO sort", ["batches.kind is gone", "batches.sort must be written"]),
        ("ALTER TABLE batches ADD COLUMN shelf TEXT NOT NULL DEFAULT ''", []),
        ("ALTER TABLE batches ADD COLUMN shelf TEXT", []),
        ("CREATE UNIQUE INDEX one_kind ON batches (kind)", ["one_kind is unique"]),
        ("CREATE INDEX by_kind ON batches (kind)", []),
        ("CREATE TABLE shelves (name TEXT NOT NULL)", []),
        ("DROP INDEX ix_batches_requested_at", ["ix_batches_requested_at is gone"]),
        ("DROP TABLE batches", ["batches is gone"]),
        ("CREATE TABLE shelves (run TEXT REFERENCES runs (id))", ["shelves keeps rows of runs"]),
        (
            "CREATE TRIGGER stops BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'full'); END",
            ["the database has another triggers"],
        ),
    ],
)
def test_what_would_disturb_services_of_the_former_version_is_noticed(
    tmp_path: Path, statement: str, told: list[str]
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.engine.begin() as connection:
        before = seen(connection)
        connection.execute(text(statement))
        assert changes(before, seen(connection), frozenset()) == told
        gone = frozenset(name.removesuffix(" is gone") for name in told if name.endswith(" is gone"))
        assert changes(before, seen(connection), gone) == [each for each in told if not each.endswith(" is gone")]
        assert changes(before, seen(connection), gone | {"chairs"})[-1:] != []
    database.close()


def test_the_oldest_version_that_fits_is_that_of_the_revision_that_permits_the_least() -> None:
    oldest = {"0002": "0001", "0003": "0001"}
    assert oldest_fitting(["0001", "0002", "0003"], oldest) == "0001"
    assert oldest_fitting(["0001", "0002", "0003", "0004"], oldest) == "0004"
    assert oldest_fitting(["0001", "0002", "0003", "0004"], {**oldest, "0004": "0003"}) == "0003"


@pytest.mark.parametrize(
    ("mark", "is_used"),
    [
        (f"{NEWER} 0037", True),
        (f"{NEWER} {newest()}", True),
        (f"{NEWER} 9998", False),
        (f"9998 {newest()}", False),
        (None, False),
    ],
)
def test_an_older_version_uses_the_database_of_a_newer_one_only_if_its_mark_says_so(
    tmp_path: Path, mark: str | None, is_used: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    migrated_by_a_newer(url, mark)
    if is_used:
        database = open_database(url)
        Marks(database, "a/").set("b", "c")
        assert Marks(database, "a/").get("b") == "c"
        with database.reading() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == NEWER
        database.close()
    else:
        with pytest.raises(DatabaseUnusable, match="a newer Pressmark wrote it"):
            open_database(url)


def test_an_older_version_restores_no_table_of_a_newer_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    migrated_by_a_newer(url, f"{NEWER} 0037", "DROP TABLE batches")
    with pytest.raises(DatabaseUnusable, match="a newer Pressmark wrote it"):
        open_database(url)


def migrated_by_a_newer(url: str, mark: str | None, *more: str) -> None:
    database = open_database(url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})
        noted = connection.execute(text("SELECT value FROM marks WHERE name = :name"), {"name": OLDEST_FITTING})
        assert noted.scalar() == f"{newest()} 0037"
        connection.execute(text("DELETE FROM marks WHERE name = :name"), {"name": OLDEST_FITTING})
        if mark is not None:
            row = {"name": OLDEST_FITTING, "value": mark}
            connection.execute(text("INSERT INTO marks (name, value) VALUES (:name, :value)"), row)
        for statement in more:
            connection.execute(text(statement))
    database.close()
