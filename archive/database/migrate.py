"""Bringing a database to the newest schema, with Alembic, out of the revisions that lie beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number would do: the one lock that PostgreSQL's migrating processes wait for.
_POSTGRESQL_LOCK = 5_079_771_120_240


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision, in one transaction. Processes that come at once wait for each other.

    A database that is there already costs two queries, and Alembic is not imported.
    """
    with engine.connect() as connection:
        if revision(connection) == newest():
            return
    with engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
        _lock(connection)
        if revision(connection) != newest():
            _upgrade(connection)


def revision(connection: Connection) -> str | None:
    """The revision that a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def newest() -> str:
    """The newest revision that this code knows, by the names of the files: ``0001_tables.py`` is revision 0001."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def alembic_config(connection: Connection | None = None) -> Config:
    """What Alembic wants to know; there is no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _lock(connection: Connection) -> None:
    """SQLite's BEGIN IMMEDIATE is a lock by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _POSTGRESQL_LOCK})
