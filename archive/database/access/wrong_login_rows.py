"""The rows of wrong passwords and tokens, and of those being checked: by network and name, while they count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, insert, select

from archive.database.engine import Database
from archive.database.schema import wrong_logins

WaitOf = Callable[[list[tuple[str, datetime]]], timedelta]
"""Returns how long the next attempt must wait after those, given by name and time."""


class WrongLoginRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add_unless(
        self, network: str, name: str, at: datetime, wait_of: WaitOf, *, since: datetime, until: datetime
    ) -> tuple[timedelta, int | None]:
        """Insert an attempt unless the others of its network make it wait; return the wait, and the id of the new row.

        No other attempt is inserted meanwhile. Those up to `since` and after `until` do not count, and are deleted.
        """
        if wait := wait_of(self.of(network, since=since, until=until)):  # no guesser makes anybody wait for the writer
            return wait, None
        with self._database.writing() as connection:
            connection.execute(delete(wrong_logins).where((wrong_logins.c.at <= since) | (wrong_logins.c.at > until)))
            found = connection.execute(_attempts_of(network, since, until))
            if wait := wait_of([(row.name, row.at) for row in found]):
                return wait, None
            new = insert(wrong_logins).values(network=network, name=name, at=at).returning(wrong_logins.c.id)
            return timedelta(), connection.execute(new).scalar_one()

    def delete(self, row: int) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(wrong_logins).where(wrong_logins.c.id == row))

    def of(self, network: str, *, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Return the attempts of a network after `since` and up to `until`, by name and time, the oldest first."""
        with self._database.reading() as connection:
            return [(row.name, row.at) for row in connection.execute(_attempts_of(network, since, until))]


def _attempts_of(network: str, since: datetime, until: datetime) -> Select[tuple[str, datetime]]:
    """Select the names and times of the attempts of a network after `since` and up to `until`, the oldest first."""
    at = wrong_logins.c.at
    query = select(wrong_logins.c.name, at).where(wrong_logins.c.network == network, at > since, at <= until)
    return query.order_by(at)
