"""Set up connections to PostgreSQL, and check that the database is suitable."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from archive.database.database_name import where
from archive.database.failures import failure, translate_failures
from archive.database.writers import order_writers
from archive.values.errors import DatabaseUnusable, MissingExtra

_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""Default time limits for a silent server, unless the URL has others: the kernel's own limit is a quarter of an hour.
Seconds, counts, and milliseconds for the last one.
"""
_LOOKS_EVERY = 0.5
"""Seconds between two looks of a listener whether it must end."""
_LONGEST_KEY = 2_300
"""Maximum bytes of a URL, or of its key, for all indexes: an entry may have 2,704 with its other columns."""
_SETTINGS = (
    "SET lock_timeout = '60s'",
    # A writer that vanished or hangs loses the lock; its transaction is rolled back.
    "SET idle_in_transaction_session_timeout = '5min'",
)
_LOCALES = ("C", "POSIX", "C.UTF-8", "C.utf8")
# The collation of ICU or of PostgreSQL itself: newer columns are NULL in older versions.
_MADE = """SELECT pg_encoding_to_char(encoding) AS encoding,
coalesce(to_jsonb(made) ->> 'datlocale', to_jsonb(made) ->> 'daticulocale', datcollate) AS locale
FROM pg_database AS made WHERE datname = current_database()"""
PAGE_KEY = r"""CREATE FUNCTION pg_temp.page_key(key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE
  WHEN of.page IS NULL THEN key
  WHEN host.name !~ '^[a-z0-9_.-]+$' OR host.name ~ '(^|[.])xn--' OR of.page ~ '\\'
    OR host.name ~ '(^|[.])(0x[0-9a-f]*|[0-9]+)[.]?$'
    AND site.authority !~ ('^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])([.]|$|:[0-9]+$)){4}$')
    OR port.number !~ '^[1-9][0-9]{0,3}$|^[1-5][0-9]{4}$'
    OR rest.path ~ '/[.]{1,2}(/|$)|[(].*[.]aspx' OR rest.query ~ 'sid=|sessionid|cfid='
  THEN NULL
  ELSE (
    SELECT string_agg(label, ',' ORDER BY place DESC)
    FROM unnest(string_to_array(host.name, '.')) WITH ORDINALITY AS labels (label, place) WHERE label <> ''
  ) || coalesce(':' || port.number, '') || ')' || coalesce(nullif(rest.path, ''), '/') || rest.query
END
FROM (SELECT substring(key FROM ':(https?:.*)$') AS page) AS of,
LATERAL (SELECT regexp_replace(of.page, '^https?:/*([^/?]*@)?', '') AS whole) AS bare,
LATERAL (SELECT substring(bare.whole FROM '^[^/?]*') AS authority) AS site,
LATERAL (
  SELECT regexp_replace(regexp_replace(site.authority, ':[0-9]*$', ''), '^www[0-9]*[.](?=[^.])', '') AS name
) AS host,
LATERAL (
  SELECT nullif(
    ltrim(substring(site.authority FROM ':([0-9]+)$'), '0'),
    CASE WHEN starts_with(of.page, 'https:') THEN '443' ELSE '80' END
  ) AS number
) AS port,
LATERAL (
  SELECT regexp_replace(
    regexp_replace(substring(bare.whole FROM '^[^/?]*([^?]*)'), '/{2,}', '/', 'g'), '(.)/$', '\1'
  ) AS path, coalesce(substring(bare.whole FROM '[?].*$'), '') AS query
) AS rest
$$"""
"""The key of the page of a URN, from the key of the URN: as `urlkey` has it of the page.

NULL for a page whose key needs more than SQL: hosts that are not plain, dot segments, sessions in the path.
"""
_HINT = "create it with createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8"


def postgresql_engine(url: URL, **pool: int) -> Engine:
    """Create an engine whose writers take the locks of `archive.database.writers`.

    `pool` has settings of SQLAlchemy's QueuePool. Raises MissingExtra.
    """
    defaults = {**_PATIENCE, "fallback_application_name": _own_name()}
    url = url.update_query_dict({name: value for name, value in defaults.items() if name not in url.query})
    try:
        # The ping avoids errors after a restart of the server.
        engine = create_engine(url, client_encoding="utf8", pool_pre_ping=True, hide_parameters=True, **pool)
    except ModuleNotFoundError:
        raise MissingExtra("PostgreSQL", "psycopg", "postgresql") from None
    event.listen(engine, "connect", _configure)
    order_writers(engine)
    translate_failures(engine)
    return engine


def _own_name() -> str:
    """Return the name by which `pg_stat_activity` shows this process: the server keeps 63 bytes of it."""
    return f"pressmark {socket.gethostname()[:40]} {os.getpid()}"


def has_room(engine: Engine, url: str) -> bool:
    """Return whether a database can index a URL and its key. SQLite can index any."""
    return engine.dialect.name != "postgresql" or len(url.encode()) <= _LONGEST_KEY


def listen(engine: Engine, channel: str, heard: Callable[[], object], stopped: Callable[[], bool]) -> None:
    """Call `heard` for each announcement in a channel, and once when listening begins; return soon after `stopped`.

    Raises DatabaseUnusable when the connection is lost: what is announced until the next call is missed.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"LISTEN {channel}")
        driver: Any = connection.connection.driver_connection
        heard()
        try:
            while not stopped():
                for _ in driver.notifies(timeout=_LOOKS_EVERY, stop_after=1):
                    heard()
        except Exception as error:
            connection.invalidate()
            raise (failure(engine, error) or error) from error
        connection.exec_driver_sql(f"UNLISTEN {channel}")


def check_made(connection: Connection) -> None:
    """Raise DatabaseUnusable if the database does not store text as UTF-8, or does not sort it by code points."""
    made = connection.execute(text(_MADE)).one()
    if made.encoding != "UTF8" or made.locale not in _LOCALES:
        told = f"its encoding is {made.encoding} and its locale {made.locale}; {_HINT}"
        raise DatabaseUnusable(where(connection.engine.url), told)


@cache
def _dumper_of_text() -> Any:
    """Return what sends text as UTF-8, with U+FFFD for NUL. The WARC has the original bytes."""
    from psycopg.adapt import Dumper

    class Text(Dumper):
        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "\ufffd").encode()

    return Text


def _configure(connection: Any, _record: Any) -> None:
    connection.adapters.register_dumper(str, _dumper_of_text())
    for setting in _SETTINGS:
        connection.execute(setting)
    connection.commit()
