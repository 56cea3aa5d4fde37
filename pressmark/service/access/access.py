"""People, tokens, sessions and the audit trail of a home, together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from archive.database.access.person_rows import PersonRow
from archive.database.access.token_rows import TokenRow
from archive.database.engine import Database
from config.settings import Settings
from pressmark.service.access.feed_addresses import FeedAddresses
from pressmark.service.access.login_sessions import LoginSessions
from pressmark.service.access.people import People
from pressmark.service.access.protection import is_marked, mark
from pressmark.service.access.roles import Caller, Role
from pressmark.service.access.tokens import Tokens
from pressmark.service.access.trail import Trail
from pressmark.service.access.wrong_logins import WrongLogins
from pressmark.service.later import Later

FRESH = 1.0
"""Seconds for which an answer of the database is used again: after that, what another process changed counts."""
_FINISHES_WITHIN = 5.0


class Access:
    """Who may use a service. Changes by other processes count within a second, own ones at once."""

    def __init__(self, settings: Settings, database: Database, *, now: Callable[[], datetime]) -> None:
        self._home = settings.home
        self._beside_home = settings.database is None
        """Whether the database is a file of this home: then the mark in the home says the same."""
        self._by_provider = settings.oidc.issuer is not None
        """Whether people log in with OpenID Connect: then nobody has access without a login, from the start."""
        setting = settings.token.get_secret_value() if settings.token else None
        self.people = People(database, settings.oidc, now=now)
        self.tokens = Tokens(database, now=now)
        self.sessions = LoginSessions(database, self.people, self.tokens, setting, now=now)
        self.feeds = FeedAddresses(database)
        self.trail = Trail(database, now=now)
        self.wrong = WrongLogins(database, now=now)
        self.later = Later()
        """For writes about logins that no answer waits for."""
        self._changes = 0
        self._configured: tuple[float, bool] | None = None

    @property
    def changes(self) -> int:
        """A number that grows with every change by this process."""
        return self._changes

    def is_fresh(self) -> bool:
        """Return whether `is_configured` answers without the database."""
        return self._configured is not None and time.monotonic() < self._configured[0]

    def is_configured(self) -> bool:
        """Return whether there are people or tokens, or were until the database was lost; or a provider of logins."""
        if self._configured is None or time.monotonic() >= self._configured[0]:
            known = self._by_provider or is_marked(self._home)
            self._configured = (time.monotonic() + FRESH, known or self._has_rows())
        return self._configured[1]

    def _has_rows(self) -> bool:
        """Return whether there are people or tokens. Without the database, the last answer counts."""
        try:
            return self.people.count() > 0 or self.tokens.count() > 0
        except Exception:
            if self._configured is None and not self._beside_home:
                raise
            return self._configured is not None and self._configured[1]

    def add_person(self, name: str, role: Role, password: str) -> PersonRow:
        """Add a person. Raises UnfitName, UnfitPassword, NameTaken."""
        person = self.people.add(name, role, password)
        self._changed()
        return person

    def remove_person(self, name: str) -> None:
        """Remove a person, and the feed address of the person. Raises UnknownPerson."""
        self.people.remove(name)
        self._changed()

    def set_password(self, name: str, password: str) -> None:
        """Change a password, and revoke the feed address of the person.

        Raises UnknownPerson, UnfitPassword, HasNoPassword.
        """
        self.people.set_password(name, password)
        self._changed()

    def set_role(self, name: str, role: Role) -> PersonRow:
        """Change a role. Raises UnknownPerson."""
        person = self.people.set_role(name, role)
        self._changed()
        return person

    def rebind(self, name: str, subject: str) -> str:
        """Give a person another subject, and return the identity. Raises UnknownPerson, UnfitSubject."""
        identity = self.people.rebind(name, subject)
        self._changes += 1
        return identity

    def admit(self, identity: str, name: str, role: Role, former: Collection[str] = ()) -> tuple[Caller, str | None]:
        """Return an identity's person, and the role before this login. Raises UnfitName, NameTaken.

        `former` are identities that the person had before.
        """
        admitted = self.people.admit(identity, name, role, former)
        self._changed()
        return admitted

    def shut_out(self, identity: str) -> str | None:
        """Log the person of an identity out everywhere. Return the name; None for an unknown identity."""
        name = self.people.shut_out(identity)
        self._changes += 1
        return name

    def add_token(
        self, name: str, role: Role, *, collections: Iterable[str] = (), expires: timedelta | None = None
    ) -> tuple[TokenRow, str]:
        """Add an access token, and return it with its secret. Raises UnfitName, NameTaken, ValueError."""
        made = self.tokens.add(name, role, collections=collections, expires=expires)
        self._changed()
        return made

    def revoke_token(self, name: str) -> None:
        """Revoke a token. Raises UnknownToken."""
        self.tokens.revoke(name)
        self._changed()

    def renew_feed_address(self, person: str) -> str:
        """Return the secret of a new feed address of a person; the former one is revoked."""
        secret = self.feeds.renew(person)
        self._changes += 1
        return secret

    def revoke_feed_address(self, person: str) -> None:
        self.feeds.revoke(person)
        self._changes += 1

    def caller_of_feed(self, secret: str) -> Caller | None:
        """Return the person whose feed address has this secret; None if there is none."""
        person = self.feeds.owner(secret)
        return None if person is None else self.people.caller(person)

    def log_in(self, name: str, password: str) -> Caller | None:
        """Return the person; None for a wrong name or password."""
        return self.people.log_in(name, password)

    def begin_session(self, caller: Caller, address: str) -> str:
        """Return the value of the cookie of a new session."""
        return self.sessions.begin(caller, address)

    def end_session(self, secret: str) -> None:
        self.sessions.end(secret)
        self._changes += 1

    def close(self) -> None:
        """Write what is not yet written."""
        self.later.finish(_FINISHES_WITHIN)
        self.tokens.write_uses()

    def _changed(self) -> None:
        mark(self._home, protected=self.people.count() > 0 or self.tokens.count() > 0)
        self._configured = None
        self._changes += 1
