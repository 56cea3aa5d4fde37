"""The rows of wrong passwords and tokens: by network and name, for as long as they count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from archive.database.engine import Database
from archive.database.schema import wrong_logins


class WrongLoginRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, network: str, name: str, at: datetime, *, since: datetime, until: datetime) -> None:
        """Insert a wrong attempt, and delete those up to `since` and after `until`, which do not count."""
        with self._database.writing() as connection:
            connection.execute(delete(wrong_logins).where((wrong_logins.c.at <= since) | (wrong_logins.c.at > until)))
            connection.execute(insert(wrong_logins).values(network=network, name=name, at=at))

    def of(self, network: str, *, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """Return the names and times of the attempts of a network after `since` and up to `until`, the oldest first."""
        at = wrong_logins.c.at
        query = select(wrong_logins.c.name, at).where(wrong_logins.c.network == network, at > since, at <= until)
        with self._database.reading() as connection:
            return [(row.name, row.at) for row in connection.execute(query.order_by(at))]
