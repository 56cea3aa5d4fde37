"""Change tables of PostgreSQL in short tries: one that waits for a lock makes all others wait behind it.

A statement that needs a table for itself waits for all who use it, and who asks for the table later waits for both. So
it waits for a moment only, gives up, lets the others pass, and tries again.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Self

from sqlalchemy import Connection, Engine, text

from archive.database.database_name import where
from archive.database.failures import DatabaseConflict, DatabaseWaited
from archive.database.writers import lock_all
from archive.values.errors import DatabaseUnreachable

log = logging.getLogger(__name__)

LOCK_WAIT = 2.0
"""Seconds that a try waits for each lock."""
PATIENCE = 60.0
"""Seconds until no further try is made."""
_PAUSE = 1.0
"""Seconds between two tries, for those that wait behind it."""
_LOOKS = 8
"""Looks at who holds a lock, while a try waits for it."""
_BLIND = 5
"""Tries, at least, if none of them saw who holds the lock, as the machine was too slow to look meanwhile."""
_HOLDERS = text(
    """SELECT pid, usename, application_name, client_addr, state, xact_start
FROM unnest(pg_blocking_pids(:pid)) AS blocking (pid) LEFT JOIN pg_stat_activity USING (pid) ORDER BY xact_start"""
)


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as far as the server tells this user. `pid` is 0 for a prepared transaction."""

    pid: int
    user: str | None
    application: str | None
    address: str | IPv4Address | IPv6Address | None
    state: str | None
    since: datetime | None

    def __str__(self) -> str:
        if not self.pid:
            return "a prepared transaction: see pg_prepared_xacts"
        about = [f'"{self.application}"'] if self.application else []
        about += [f"user {self.user}"] if self.user else []
        about += [f"from {self.address}"] if self.address else []
        said = f"process {self.pid} of the server" + (f" ({', '.join(about)})" if about else "")
        said += f", {self.state}" if self.state else ""
        return said + (
            f", in a transaction since {self.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        )


def in_tries(engine: Engine, work: Callable[[Connection], None]) -> None:
    """Call `work` in a transaction while no other writes, again and again while others hold what it needs.

    A try that gives up has changed nothing. Raises DatabaseUnreachable, with the name of who holds the lock, when
    PATIENCE is over.
    """
    until, blind, holders = time.monotonic() + PATIENCE, 0, list[Holder]()
    while True:
        with _Looking(engine) as looking:
            try:
                with engine.connect() as connection, connection.begin():
                    looking.at(connection)
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(LOCK_WAIT * 1000)}")
                    lock_all(connection)
                    work(connection)
            except (DatabaseWaited, DatabaseConflict):  # a conflict: who holds the lock has waited for this try
                pass
            else:
                return
        blind += not looking.found
        holders = looking.found or holders
        if time.monotonic() > until and (holders or blind >= _BLIND):
            raise DatabaseUnreachable(where(engine.url), _in_vain(holders))
        facts = {"held_by": [str(one) for one in holders], "seconds_left": round(until - time.monotonic())}
        log.warning("the tables of the database are in use: their change is tried again", extra=facts)
        time.sleep(_PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 - so that two don't meet again


def _in_vain(holders: Sequence[Holder]) -> str:
    begun = f"its tables must be changed, and others have used them for {PATIENCE:.0f} s; nothing was changed"
    if not holders:
        return f"{begun}; look in pg_stat_activity for old transactions, end them, and repeat this"
    ends = ", ".join(f"SELECT pg_terminate_backend({one.pid})" for one in holders if one.pid)
    way = f"wait for its end or end it ({ends}), and repeat this" if ends else "end it, and repeat this"
    return f"{begun}. A lock is held by {'; '.join(map(str, holders))}: {way}"


class _Looking:
    """Look, beside a transaction that may wait, at who holds what it waits for."""

    def __init__(self, engine: Engine) -> None:
        self.found: list[Holder] = []
        self._engine = engine
        self._pid: int | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="looks at locks", daemon=True)

    def __enter__(self) -> Self:
        return self

    def at(self, connection: Connection) -> None:
        """Begin to look at what this connection waits for."""
        driver: Any = connection.connection.driver_connection
        self._pid = driver.info.backend_pid
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _look(self) -> None:
        with suppress(Exception):  # without it, the error names nobody
            while True:
                with self._engine.connect() as connection:
                    rows = connection.execute(_HOLDERS, {"pid": self._pid}).all()
                self.found = [Holder(*row) for row in rows] or self.found
                if self._ended.wait(LOCK_WAIT / _LOOKS):
                    return
