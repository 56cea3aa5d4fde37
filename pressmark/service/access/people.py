"""People who log in: with a name and a password, or with OpenID Connect."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from archive.database.access.person_rows import PersonRow, PersonRows
from archive.database.engine import Database
from config.groups.oidc import Oidc
from pressmark.service.access.passwords import hash_password, is_password
from pressmark.service.access.roles import Caller, Role

_NO_PROVIDER = Oidc()
_LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, 2."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class UnknownPerson(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no person named {name!r}")


class NameTaken(Exception):
    """A person or token of the name exists, or existed."""


class UnfitName(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"invalid name {name!r}: use lowercase letters, digits, dots, hyphens and underscores")


class HasNoPassword(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} logs in with OpenID Connect, and so can't have a password here")


class UnfitSubject(ValueError):
    """A person can't get a subject at the provider; the message says why."""


def is_name(name: str) -> bool:
    """Return whether a person or token can have this name."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> str:
    """Return the name of a person or token unchanged. Raises UnfitName."""
    if not is_name(name):
        raise UnfitName(name)
    return name


class People:
    def __init__(self, database: Database, oidc: Oidc = _NO_PROVIDER, *, now: Callable[[], datetime]) -> None:
        """`oidc` says who has access of those who come from a provider."""
        self._rows = PersonRows(database)
        self._oidc = oidc
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

        Raises UnknownPerson, UnfitPassword, HasNoPassword.
        """
        if not self.get(name).has_password:
            raise HasNoPassword(name)
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
        if not is_password(password, (person.password or None) if person else None) or person is None:
            return None
        self._rows.change(name, used_at=self._now())
        return caller_of(replace(person, used_at=self._now()))

    def admit(self, identity: str, name: str, role: Role, former: Collection[str] = ()) -> tuple[Caller, str | None]:
        """Return the person of an identity at a provider, with this role, and the role before; None at the first login.

        The person of a `former` identity gets this one instead. A new person gets the name. Raises NameTaken.
        """
        person = PersonRow(check_name(name), role.value, "", self._now())
        admitted = self._rows.admit(identity, person, self._oidc.terms or "", former)
        if admitted is None:
            raise NameTaken(f"a person named {name!r} already exists")
        return caller_of(admitted[0]), admitted[1]

    def rebind(self, name: str, subject: str) -> str:
        """Give a person another subject at the provider, and return the identity. The person has to log in again.

        Raises UnknownPerson, UnfitSubject.
        """
        if self._oidc.issuer is None:
            raise UnfitSubject("no provider of logins is set up; add oidc to the settings first")
        if not subject.strip() or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
            raise UnfitSubject(
                f"a subject is the sub of the provider: one line of at most {_LONGEST_SUBJECT} characters"
            )
        if self.get(name).has_password:
            raise UnfitSubject(f"{name} logs in with a password, and so has no subject at the provider")
        identity = identity_of(self._oidc.issuer, subject)
        try:
            owner = self._rows.rebind(name, identity)
        except LookupError:
            raise UnknownPerson(name) from None
        if owner is not None:
            raise UnfitSubject(f"the subject belongs to {owner}; remove that person first")
        return identity

    def knows(self, identity: str) -> bool:
        """Return whether the person of an identity has logged in before."""
        return self._rows.named(identity) is not None

    def shut_out(self, identity: str) -> str | None:
        """Log the person of an identity out everywhere, feeds too. Return the name; None for an unknown identity."""
        return self._rows.shut_out(identity)

    def has_passwords(self) -> bool:
        """Return whether anybody logs in with a password."""
        return self._rows.has_passwords()

    def caller(self, name: str, since: datetime | None = None) -> Caller | None:
        """Return a person as a caller; None if there is none of the name who has access.

        Who comes from a provider has access for some time after each login, while the settings still say the same of
        who comes in. `since` is when the session of the caller began, if it is one.
        """
        person = self._rows.get(name)
        return caller_of(person) if person is not None and self._has_access(person, since) else None

    def _has_access(self, person: PersonRow, since: datetime | None) -> bool:
        if person.has_password:
            return True
        if since is not None and self._now() >= since + self._oidc.session_for:
            return False
        if (terms := self._oidc.terms) is None or person.used_at is None:
            return False
        return self._now() < person.used_at + self._oidc.access_for and self._rows.terms(person.name) == terms

    def count(self) -> int:
        return self._rows.count()


def identity_of(issuer: str, subject: str) -> str:
    """Return what a person is recognised by: the digest of issuer and subject, which no other person ever has."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def caller_of(person: PersonRow) -> Caller:
    return Caller("person", person.name, Role(person.role))
