"""The rows of sessions: logins that have not ended, found by the digest of their cookie."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from archive.database.engine import Database
from archive.database.schema import sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    digest: str
    kind: str
    """Who logged in: ``person``, ``token``, or ``setting`` for the token of the settings."""
    name: str
    created_at: datetime
    expires_at: datetime
    address: str


class SessionRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, session: SessionRow) -> None:
        """Insert a session, and delete those that expired before it began."""
        row = {name: getattr(session, name) for name in SessionRow.__slots__}
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= session.created_at))
            connection.execute(insert(sessions).values(**row))

    def find(self, digests: Collection[str], now: datetime) -> SessionRow | None:
        """Return the session with one of these digests, unless it has expired."""
        query = select(sessions).where(sessions.c.digest.in_(digests), sessions.c.expires_at > now)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else SessionRow(*row)

    def end(self, digests: Collection[str]) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.digest.in_(digests)))

    def end_all(self, kind: str, name: str) -> None:
        """End all sessions of a person or a token."""
        with self._database.writing() as connection:
            delete_sessions(connection, kind, name)


def delete_sessions(connection: Connection, kind: str, name: str) -> None:
    """Delete the sessions of a person or a token in an open transaction."""
    connection.execute(delete(sessions).where(sessions.c.kind == kind, sessions.c.name == name))
