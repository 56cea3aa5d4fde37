"""Tokens of programs: made here, shown once, and stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock

from archive.database.access.session_rows import SessionRows
from archive.database.access.token_rows import TokenRow, TokenRows
from archive.database.engine import Database
from config.names import check_name as check_collection
from pressmark.service.access.people import NameTaken, check_name
from pressmark.service.access.roles import Caller, Role

PREFIX = "pressmark_"
"""By which scanners of published code find a token."""
_BITS = 256
_WRITE_EVERY = 60.0
"""Seconds between two writes of last uses."""


class UnknownToken(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"there is no valid access token named {name!r}: it was revoked, or never existed")


class Tokens:
    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._rows = TokenRows(database)
        self._sessions = SessionRows(database)
        self._now = now
        self._uses: dict[str, datetime] = {}
        self._write_at = 0.0
        self._lock = Lock()

    def add(
        self, name: str, role: Role, *, collections: Iterable[str] = (), expires: timedelta | None = None
    ) -> tuple[TokenRow, str]:
        """Add an access token for the collections, or for all. Return it with the secret, which nothing shows again.

        Raises UnfitName, NameTaken, ValueError for an invalid collection.
        """
        confined = tuple(sorted({check_collection(one) for one in collections})) or None
        now = self._now()
        row = TokenRow(check_name(name), role.value, confined, now, now + expires if expires else None)
        secret = PREFIX + secrets.token_urlsafe(_BITS // 8)
        if not self._rows.add(row, digest_of(secret)):
            raise NameTaken(f"an access token with the name {name!r} exists or existed before; choose another name")
        return row, secret

    def all(self) -> list[TokenRow]:
        return self._rows.all()

    def revoke(self, name: str) -> None:
        """Revoke a token; logins with it end. Raises UnknownToken."""
        if not self._rows.revoke(name, self._now()):
            raise UnknownToken(name)
        self._sessions.end_all("token", name)

    def caller(self, secret: str) -> Caller | None:
        """Return who has the token; None for one that is unknown, revoked or expired."""
        return self._valid(self._rows.of_digest(digest_of(secret)))

    def caller_named(self, name: str) -> Caller | None:
        """Return a token as a caller by its name; None for one that is unknown, revoked or expired."""
        return self._valid(self._rows.get(name))

    def note_use(self, name: str) -> bool:
        """Remember that a token was used. Return whether `write_uses` is due: once a minute."""
        with self._lock:
            self._uses[name] = self._now()
            is_due = time.monotonic() >= self._write_at
            if is_due:
                self._write_at = time.monotonic() + _WRITE_EVERY
            return is_due

    def write_uses(self) -> None:
        """Write the remembered uses in one transaction."""
        with self._lock:
            uses, self._uses = self._uses, {}
        try:
            if uses:
                self._rows.note_uses(uses)
        except Exception:
            with self._lock:
                self._uses = uses | self._uses
            raise

    def count(self) -> int:
        return self._rows.count()

    def _valid(self, row: TokenRow | None) -> Caller | None:
        if row is None or not row.is_valid(self._now()):
            return None
        confined = None if row.collections is None else frozenset(row.collections)
        return Caller("token", row.name, Role(row.role), confined)


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret of 256 random bits: nobody can try them all, so it needs no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
