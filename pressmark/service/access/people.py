"""People who log in with a name and a password."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from archive.database.access.person_rows import PersonRow, PersonRows
from archive.database.engine import Database
from pressmark.service.access.passwords import hash_password, is_password
from pressmark.service.access.roles import Caller, Role

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class UnknownPerson(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no person named {name!r}")


class NameTaken(Exception):
    """A person or token of the name exists, or existed."""


class UnfitName(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"invalid name {name!r}: use lowercase letters, digits, dots, hyphens and underscores")


def check_name(name: str) -> str:
    """Return the name of a person or token unchanged. Raises UnfitName."""
    if not _NAME.fullmatch(name):
        raise UnfitName(name)
    return name


class People:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows = PersonRows(database)
        self._now = now

    def add(self, name: str, role: Role, password: str) -> PersonRow:
        """Add a person. Raises UnfitName, UnfitPassword, NameTaken."""
        person = PersonRow(check_name(name), role.value, hash_password(password), self._now())
        if not self._rows.add(person):
            raise NameTaken(f"a person named {name!r} already exists")
        return person

    def all(self) -> list[PersonRow]:
        return self._rows.all()

    def get(self, name: str) -> PersonRow:
        """Return a person. Raises UnknownPerson."""
        if (person := self._rows.get(name)) is None:
            raise UnknownPerson(name)
        return person

    def remove(self, name: str) -> None:
        """Remove a person, who is logged out everywhere and has no feed address any more. Raises UnknownPerson."""
        if not self._rows.remove(name):
            raise UnknownPerson(name)

    def set_password(self, name: str, password: str) -> None:
        """Change a password; the person is logged out everywhere, and the feed address is revoked.

        Raises UnknownPerson, UnfitPassword.
        """
        if not self._rows.change(name, password=hash_password(password)):
            raise UnknownPerson(name)

    def set_role(self, name: str, role: Role) -> PersonRow:
        """Change a role, which takes effect at once. Raises UnknownPerson."""
        if not self._rows.change(name, role=role.value):
            raise UnknownPerson(name)
        return self.get(name)

    def log_in(self, name: str, password: str) -> Caller | None:
        """Return the person; None if there is no such person, or the password is wrong. Takes as long either way."""
        person = self._rows.get(name)
        if not is_password(password, person.password if person else None) or person is None:
            return None
        self._rows.change(name, used_at=self._now())
        return caller_of(replace(person, used_at=self._now()))

    def caller(self, name: str) -> Caller | None:
        """Return a person as a caller; None if there is none of the name."""
        return caller_of(person) if (person := self._rows.get(name)) else None

    def count(self) -> int:
        return self._rows.count()


def caller_of(person: PersonRow) -> Caller:
    return Caller("person", person.name, Role(person.role))
