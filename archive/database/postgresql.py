"""PostgreSQL as a database of ours: how its connections are set up, and what it must be like."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from archive.database.failures import tell_failures
from archive.database.where import where
from archive.values.errors import DatabaseUnusable, MissingExtra

# Any number would do: the one lock that all who write wait for.
_WRITERS = 5_079_771_120_240
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""How long a server that says nothing is waited for, unless the URL tells: the kernel's own patience is a quarter of an
hour. Seconds, times, and for the last milliseconds.
"""
_LONGEST_KEY = 2_300
"""Octets of a URL, or of its key, for which all indexes have room: an entry takes 2,704, with what stands beside it."""
_SETTINGS = (
    "SET lock_timeout = '60s'",
    # Whoever vanished or stands still while it writes gives the lock back: what it wrote is undone.
    "SET idle_in_transaction_session_timeout = '5min'",
)
_LOCALES = ("C", "POSIX", "C.UTF-8", "C.utf8")
# A column of newer versions is NULL in older ones: what ICU, or PostgreSQL itself, sorts by.
_MADE = """SELECT pg_encoding_to_char(encoding) AS encoding,
coalesce(to_jsonb(made) ->> 'datlocale', to_jsonb(made) ->> 'daticulocale', datcollate) AS locale
FROM pg_database AS made WHERE datname = current_database()"""
_HINT = "create it with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8"


def postgresql_engine(url: URL) -> Engine:
    """An engine whose transactions for writing come one after the other, as SQLite's do.

    So the numbers of rows grow in the order in which these are committed, and who follows events by their numbers
    misses none. Raises MissingExtra.
    """
    url = url.update_query_dict({name: value for name, value in _PATIENCE.items() if name not in url.query})
    try:
        # With the ping, a server that was started again is no error.
        engine = create_engine(url, client_encoding="utf8", pool_pre_ping=True)
    except ModuleNotFoundError:
        raise MissingExtra("PostgreSQL", "psycopg", "postgresql") from None
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    tell_failures(engine)
    return engine


def has_room(engine: Engine, url: str) -> bool:
    """Whether the indexes of a database have room for a URL, or for its key. Those of SQLite have for any."""
    return engine.dialect.name != "postgresql" or len(url.encode()) <= _LONGEST_KEY


def check_made(connection: Connection) -> None:
    """Raises DatabaseUnusable for a database in which text is not UTF-8, or does not sort by its code points."""
    made = connection.execute(text(_MADE)).one()
    if made.encoding != "UTF8" or made.locale not in _LOCALES:
        told = f"its encoding is {made.encoding} and its locale {made.locale}; {_HINT}"
        raise DatabaseUnusable(where(connection.engine.url), told)


def _configure(connection: Any, _record: Any) -> None:
    from archive.database.postgresql_text import Text

    connection.adapters.register_dumper(str, Text)
    for setting in _SETTINGS:
        connection.execute(setting)
    connection.commit()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("pressmark_writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
