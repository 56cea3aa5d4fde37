"""The rows of secret feed addresses: marks, by the digest of the secret, with the name of the person."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from archive.database.engine import Database
from archive.database.schema import marks
from archive.database.statements import begins_with

_PREFIX = "feed-address/"
_OURS = begins_with(marks.c.name, _PREFIX)


class FeedAddressRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    def renew(self, person: str, digest: str) -> None:
        """Insert the address of a person, and delete the former one in the same transaction."""
        with self._database.writing() as connection:
            delete_feed_addresses(connection, person)
            connection.execute(insert(marks).values(name=_PREFIX + digest, value=person))

    def revoke(self, person: str) -> bool:
        """Delete the address of a person. Return whether there was one."""
        with self._database.writing() as connection:
            return delete_feed_addresses(connection, person)

    def has(self, person: str) -> bool:
        with self._database.reading() as connection:
            return connection.execute(select(marks.c.name).where(_OURS, marks.c.value == person)).first() is not None

    def owner(self, digest: str) -> str | None:
        """Return the name of the person whose address has a secret of this digest; None if there is none."""
        with self._database.reading() as connection:
            query = select(marks.c.value).where(marks.c.name == _PREFIX + digest)
            return connection.execute(query).scalar_one_or_none()


def delete_feed_addresses(connection: Connection, person: str) -> bool:
    """Delete the addresses of a person in an open transaction. Return whether there was one."""
    return bool(connection.execute(delete(marks).where(_OURS, marks.c.value == person)).rowcount)
