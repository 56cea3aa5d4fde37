"""The rows of people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from archive.database.access.feed_address_rows import delete_feed_addresses
from archive.database.access.session_rows import delete_sessions
from archive.database.engine import Database
from archive.database.schema import marks, people
from archive.database.statements import begins_with, insert_missing

_IDENTITY = "openid-connect/"
"""Marks by the digest of an identity at a provider, with the name of the person."""
_TERMS = "openid-connect-terms/"
"""Marks by the name of a person from a provider, with the terms under which the last login was accepted."""
_IDENTITIES = begins_with(marks.c.name, _IDENTITY)


@dataclass(frozen=True, slots=True)
class PersonRow:
    name: str
    role: str
    password: str
    """The hash of the password, never the password. Empty for who logs in with OpenID Connect."""
    created_at: datetime
    used_at: datetime | None = None
    """The last login."""

    @property
    def has_password(self) -> bool:
        return bool(self.password)


class PersonRows:
    """People. What lets a person in without the password ends in the same transaction as the person or the password:
    otherwise a new person of that name would inherit it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: PersonRow) -> bool:
        """Insert a person. Return False if the name is taken."""
        row = {"name": person.name, "role": person.role, "password": person.password, "created_at": person.created_at}
        with self._database.writing() as connection:
            is_new = bool(connection.execute(insert_missing(connection, people, "name").values(**row)).rowcount)
            if is_new:
                _shut_out(connection, person.name)
            return is_new

    def admit(
        self, identity: str, person: PersonRow, terms: str, former: Collection[str] = ()
    ) -> tuple[PersonRow, str | None] | None:
        """Insert the person of an identity, or give the known one this role, at this login under these terms.

        Return the person, and the role before it; None if the name belongs to another person. `person.name` is used for
        an unknown identity alone. An unknown identity takes the place of a known one that is among `former`.
        """
        with self._database.writing() as connection:
            if former:
                _rename(connection, former, identity)
            known = connection.execute(select(marks.c.value).where(marks.c.name == _IDENTITY + identity)).scalar()
            query = select(people).where(people.c.name == known, people.c.password == "")
            if known is not None and (found := connection.execute(query).one_or_none()) is not None:
                changed = update(people).where(people.c.name == known)
                connection.execute(changed.values(role=person.role, used_at=person.created_at))
                _accept(connection, found.name, terms)
                return replace(PersonRow(*found), role=person.role, used_at=person.created_at), found.role
            row = {name: getattr(person, name) for name in ("name", "role", "created_at")}
            added = insert_missing(connection, people, "name").values(**row, password="", used_at=person.created_at)
            if not connection.execute(added).rowcount:
                return None
            _shut_out(connection, person.name)
            connection.execute(insert(marks).values(name=_IDENTITY + identity, value=person.name))
            _accept(connection, person.name, terms)
            return replace(person, password="", used_at=person.created_at), None

    def shut_out(self, identity: str) -> str | None:
        """End the sessions and the feed address of an identity's person. Return the name; None for an unknown one."""
        with self._database.writing() as connection:
            known: str | None = connection.execute(
                select(marks.c.value).where(marks.c.name == _IDENTITY + identity)
            ).scalar()
            if known is not None:
                _shut_out(connection, known)
            return known

    def rebind(self, name: str, identity: str) -> str | None:
        """Give a person from a provider another identity, which ends sessions and feed address.

        Return None, or the name of another person who has the identity: then nothing is changed. Raises LookupError if
        no person of the name comes from a provider.
        """
        with self._database.writing() as connection:
            query = select(people.c.name).where(people.c.name == name, people.c.password == "")
            if connection.execute(query).one_or_none() is None:
                raise LookupError(name)
            owner: str | None = connection.execute(
                select(marks.c.value).where(marks.c.name == _IDENTITY + identity)
            ).scalar()
            if owner is not None and owner != name:
                return owner
            _shut_out(connection, name)
            connection.execute(delete(marks).where(_IDENTITIES, marks.c.value == name))
            connection.execute(insert(marks).values(name=_IDENTITY + identity, value=name))
            return None

    def named(self, identity: str) -> str | None:
        """Return the name of an identity's person; None for an unknown one."""
        with self._database.reading() as connection:
            return connection.execute(select(marks.c.value).where(marks.c.name == _IDENTITY + identity)).scalar()

    def terms(self, name: str) -> str | None:
        """Return the terms of the last login of a person from a provider."""
        with self._database.reading() as connection:
            return connection.execute(select(marks.c.value).where(marks.c.name == _TERMS + name)).scalar()

    def all(self) -> list[PersonRow]:
        """Return all people, by name."""
        with self._database.reading() as connection:
            return [PersonRow(*row) for row in connection.execute(select(people).order_by(people.c.name))]

    def get(self, name: str) -> PersonRow | None:
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(people.c.name == name)).one_or_none()
        return None if row is None else PersonRow(*row)

    def count(self) -> int:
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(people)).scalar_one()

    def has_passwords(self) -> bool:
        """Return whether anybody logs in with a password."""
        with self._database.reading() as connection:
            return connection.execute(select(people.c.name).where(people.c.password != "").limit(1)).first() is not None

    def remove(self, name: str) -> bool:
        """Delete a person, with sessions and feed address. Return False if there is none of the name."""
        with self._database.writing() as connection:
            _shut_out(connection, name)
            connection.execute(delete(marks).where(_IDENTITIES, marks.c.value == name))
            connection.execute(delete(marks).where(marks.c.name == _TERMS + name))
            return bool(connection.execute(delete(people).where(people.c.name == name)).rowcount)

    def change(self, name: str, **values: Any) -> bool:
        """Change columns of a person. A new password ends sessions and feed address.

        Return False if there is none of the name.
        """
        with self._database.writing() as connection:
            if "password" in values:
                _shut_out(connection, name)
            return bool(connection.execute(update(people).where(people.c.name == name).values(**values)).rowcount)


def _rename(connection: Connection, former: Collection[str], identity: str) -> None:
    """Give the person of the first known identity among `former` another identity, unless that has a person."""
    query = select(marks.c.name).where(marks.c.name.in_([_IDENTITY + one for one in (identity, *former)]))
    known = set(connection.execute(query).scalars())
    first = next((_IDENTITY + one for one in former if _IDENTITY + one in known), None)
    if first is not None and _IDENTITY + identity not in known:
        connection.execute(update(marks).where(marks.c.name == first).values(name=_IDENTITY + identity))


def _accept(connection: Connection, name: str, terms: str) -> None:
    connection.execute(delete(marks).where(marks.c.name == _TERMS + name))
    connection.execute(insert(marks).values(name=_TERMS + name, value=terms))


def _shut_out(connection: Connection, name: str) -> None:
    """End the sessions and the feed address of a person, in an open transaction."""
    delete_sessions(connection, "person", name)
    delete_feed_addresses(connection, name)
