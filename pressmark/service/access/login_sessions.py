"""Sessions of those who logged in on a page. They are kept here, so that logging out ends them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from archive.database.access.session_rows import SessionRow, SessionRows
from archive.database.engine import Database
from pressmark.service.access.people import People
from pressmark.service.access.roles import SETTING, Caller
from pressmark.service.access.tokens import Tokens, digest_of

LASTS = timedelta(hours=12)
"""How long a login on a page lasts."""


class LoginSessions:
    def __init__(
        self, database: Database, people: People, tokens: Tokens, setting: str | None, *, now: Callable[[], datetime]
    ) -> None:
        """`setting` is the token of the settings: a login with it ends when it changes."""
        self._rows = SessionRows(database)
        self._people = people
        self._tokens = tokens
        self._setting = setting
        self._now = now

    def begin(self, caller: Caller, address: str) -> str:
        """Begin a session, and return the value of its cookie."""
        secret, now = secrets.token_urlsafe(32), self._now()
        digest = self._digest_by_setting(secret) if caller.kind == "setting" else digest_of(secret)
        self._rows.add(SessionRow(digest, caller.kind, caller.name, now, now + LASTS, address))
        return secret

    def caller(self, secret: str) -> Caller | None:
        """Return who logged in, with the role of now; None when the session has ended, or is none of ours."""
        found = self._rows.find(self._digests(secret), self._now())
        match found.kind if found else None:
            case "person":
                return self._people.caller(found.name, found.created_at) if found else None
            case "token":
                return self._tokens.caller_named(found.name) if found else None
            case "setting":
                return SETTING
        return None

    def end(self, secret: str) -> None:
        self._rows.end(self._digests(secret))

    def _digests(self, secret: str) -> list[str]:
        return [digest_of(secret), *([self._digest_by_setting(secret)] if self._setting else [])]

    def _digest_by_setting(self, secret: str) -> str:
        """Return a digest that only who has the token of the settings can make; it says nothing of the token."""
        return hmac.digest((self._setting or "").encode(), secret.encode("utf-8", "surrogateescape"), "sha256").hex()
