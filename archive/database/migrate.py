"""Create a database, or migrate it to the newest schema with Alembic and the revisions beside this file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, select, text

from archive.database.database_name import where
from archive.database.lost_tables import TABLES, has_newest_columns, restore_tables, tables_in
from archive.database.migrations.expanding import oldest_fitting
from archive.database.migrations.lock_tries import in_tries
from archive.database.postgresql import check_made
from archive.database.schema import marks, metadata
from archive.database.statements import insert_or_replace
from archive.values.errors import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION_TABLE = (
    "CREATE TABLE alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
"""As Alembic creates it."""
OLDEST_FITTING = "database:oldest-schema"
"""The mark with the schema, and the oldest one whose code works with its tables: see `migrations.expanding`."""


def upgrade(engine: Engine) -> None:
    """Migrate to the newest revision, in one transaction. Concurrent processes wait for each other.

    A current database costs two queries. A new one is created at once: that and a current one need no Alembic, whose
    import takes longer than both. Dropped tables are created again. A database that a newer Pressmark has migrated is
    left as it is, if its mark says that this version works with it. Raises DatabaseUnusable for other databases that a
    newer Pressmark wrote, and for one whose revision is lost; DatabaseUnreachable for one that others use for longer
    than `migrations.lock_tries.PATIENCE`: it names them.
    """
    with engine.connect() as connection:
        if _is_usable(connection, *_revision_and_tables(connection)):
            return
    if engine.dialect.name == "postgresql":
        in_tries(engine, _migrate)
        return
    with engine.connect().execution_options(pressmark_writes=True) as connection, connection.begin():
        _migrate(connection)


def _migrate(connection: Connection) -> None:
    """Do what is left to do, in a transaction of which there is one at a time."""
    found, there = _revision_and_tables(connection)
    if _is_usable(connection, found, there):  # another process has migrated it meanwhile
        return
    if not there:
        _create(connection)
    elif found == newest() or (found is None and there & TABLES):
        _restore(connection, found)
    else:
        _upgrade(connection)


def _is_usable(connection: Connection, found: str | None, there: set[str]) -> bool:
    """Return whether nothing has to be done. Raises DatabaseUnusable for a newer database that this code can't use."""
    if _is_known(found):
        return found == newest() and there >= TABLES
    if there >= TABLES and _oldest_noted(connection, found) <= newest():
        facts = {"schema": found, "own_schema": newest()}
        log.info("a newer Pressmark has added to the tables of the database; this version works with them", extra=facts)
        return True
    known = f"this version knows schema {newest()}, not {found}"
    raise DatabaseUnusable(
        where(connection.engine.url), f"a newer Pressmark wrote it: {known}; install the newer one again"
    )


def _oldest_noted(connection: Connection, found: str | None) -> str:
    """Return the oldest schema whose code works with a database of schema `found`; `found` itself unless noted."""
    noted: str | None = connection.execute(select(marks.c.value).where(marks.c.name == OLDEST_FITTING)).scalar()
    schema, _, oldest = (noted or "").partition(" ")
    return oldest if schema == found else str(found)


def _note_oldest(connection: Connection) -> None:
    """Note which older versions may use the database beside this one."""
    row = {"name": OLDEST_FITTING, "value": f"{newest()} {oldest_fitting(_revisions())}"}
    connection.execute(insert_or_replace(connection, marks, "name"), row)


def _create(connection: Connection) -> None:
    """Create all tables of an empty database."""
    _check_made(connection)
    metadata.create_all(connection, checkfirst=False)  # a view of the same name would count as a table
    connection.exec_driver_sql(_REVISION_TABLE)
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:newest)"), {"newest": newest()})
    _note_oldest(connection)


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
    return max(_revisions())


def _revisions() -> list[str]:
    return [file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")]


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
    _note_oldest(connection)


def _check_made(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        check_made(connection)
