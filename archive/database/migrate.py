"""Create a database, or migrate it to the newest schema with Alembic and the revisions beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from archive.database.database_name import where
from archive.database.lost_tables import TABLES, has_newest_columns, restore_tables, tables_in
from archive.database.postgresql import check_made
from archive.database.schema import metadata
from archive.values.errors import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION_TABLE = (
    "CREATE TABLE alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""As Alembic creates it."""


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision, in one transaction. Concurrent processes wait for each other.

    A current database costs two queries. A new one is created at once: that and a current one need no Alembic, whose
    import takes longer than both. Dropped tables are created again. Raises DatabaseUnusable for a database that a newer
    Pressmark wrote, or whose revision is lost.
    """
    with engine.connect() as connection:
        found, there = _revision_and_tables(connection)
    if found == newest() and there >= TABLES:
        return
    if not _is_known(found):
        known = f"this version knows schema {newest()}, not {found}"
        raise DatabaseUnusable(where(engine.url), f"a newer Pressmark wrote it: {known}; install the newer one again")
    with engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
        found, there = _revision_and_tables(connection)
        if not there:
            _create(connection)
        elif found == newest() or (found is None and there & TABLES):
            _restore(connection, found)
        else:
            _upgrade(connection)


def _create(connection: Connection) -> None:
    """Create all tables of an empty database."""
    _check_made(connection)
    metadata.create_all(connection, checkfirst=False)  # a view of the same name would count as a table
    connection.exec_driver_sql(_REVISION_TABLE)
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": newest()})


def _restore(connection: Connection, found: str | None) -> None:
    """Create the missing tables of a database of the newest revision. Raises DatabaseUnusable."""
    if found is None and not has_newest_columns(connection):
        told = "its table alembic_version is empty or gone, and its tables are not of this Pressmark; restore a backup"
        raise DatabaseUnusable(where(connection.engine.url), told)
    if TABLES - tables_in(connection):
        restore_tables(connection)
    if found is None:
        from alembic import command

        command.stamp(alembic_config(connection), "head")


def revision(connection: Connection) -> str | None:
    """Return the revision of a database; None for an empty one."""
    return _revision_and_tables(connection)[0]


def _revision_and_tables(connection: Connection) -> tuple[str | None, set[str]]:
    there = tables_in(connection)
    if "alembic_version" not in there:
        return None, there
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found, there


def _is_known(revision: str | None) -> bool:
    return revision is None or any((MIGRATIONS / "versions").glob(f"{revision}_*.py"))


def newest() -> str:
    """Return the newest revision of this code, by file name: ``0001_tables.py`` is revision 0001."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def alembic_config(connection: Connection | None = None) -> Config:
    """Return the configuration of Alembic, in place of an alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    _check_made(connection)
    command.upgrade(alembic_config(connection), "head")


def _check_made(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        check_made(connection)
