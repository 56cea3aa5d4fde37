"""The rows of wrong passwords and tokens: by network and name, for as long as they count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from archive.database.engine import Database
from archive.database.schema import wrong_logins


class WrongLoginRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, network: str, name: str, at: datetime, *, since: datetime) -> None:
        """Insert a wrong attempt, and delete those before `since`, which no longer count."""
        with self._database.writing() as connection:
            connection.execute(delete(wrong_logins).where(wrong_logins.c.at <= since))
            connection.execute(insert(wrong_logins).values(network=network, name=name, at=at))

    def of(self, network: str, since: datetime) -> list[tuple[str, datetime]]:
        """Return the names and times of the attempts of a network after `since`, the oldest first."""
        columns = (wrong_logins.c.name, wrong_logins.c.at)
        query = select(*columns).where(wrong_logins.c.network == network, wrong_logins.c.at > since)
        with self._database.reading() as connection:
            return [(row.name, row.at) for row in connection.execute(query.order_by(wrong_logins.c.at))]
