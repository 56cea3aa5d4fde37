"""Bringing a database to the newest schema, with Alembic, out of the revisions that lie beside this file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from archive.errors import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number would do: the one lock that PostgreSQL's migrating processes wait for.
_POSTGRESQL_LOCK = 5_079_771_120_240


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision, in one transaction. Processes that come at once wait for each other.

    A database that is there already costs two queries, and Alembic is not imported. Raises DatabaseUnusable for one
    that a newer Pressmark wrote.
    """
    with engine.connect() as connection:
        found = revision(connection)
    if found == newest():
        return
    if not _is_known(found):
        told = f"a newer Pressmark wrote it: this one knows its tables up to {newest()}, not {found}"
        raise DatabaseUnusable(where(engine), told)
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


def _is_known(revision: str | None) -> bool:
    return revision is None or any((MIGRATIONS / "versions").glob(f"{revision}_*.py"))


def newest() -> str:
    """The newest revision that this code knows, by the names of the files: ``0001_tables.py`` is revision 0001."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def where(engine: Engine) -> str:
    """A file, or a URL without its password."""
    url = engine.url
    return (url.database or "") if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


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
