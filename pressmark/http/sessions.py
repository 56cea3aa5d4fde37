"""Logins of people: a signed cookie, valid until it expires or the token changes; no state on our side."""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from pressmark.http.stage.seals import Seal

COOKIE = "pressmark_session"
_TRIES, _WINDOW = 10, timedelta(minutes=5)


def is_same(given: str, secret: str) -> bool:
    """Return whether that is the secret, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


class Sessions:
    """Makes and checks cookies under a token. Without a token no session is needed."""

    def __init__(self, token: str, *, now: Callable[[], datetime]) -> None:
        self._token = token
        self._seal = Seal(token, "pressmark session", now=now)
        self._now = now
        self._failures: deque[datetime] = deque(maxlen=_TRIES)

    def admits(self, token: str) -> bool:
        """Return whether that is the token."""
        return is_same(token, self._token)

    def wait(self) -> timedelta:
        """Return how long logins are blocked after many failures."""
        if len(self._failures) < _TRIES:
            return timedelta()
        return max(self._failures[0] + _WINDOW - self._now(), timedelta())

    def failed(self) -> None:
        self._failures.append(self._now())

    def cookie(self) -> str:
        """Return the value of a new session."""
        return self._seal.close()

    def valid(self, header: str) -> bool:
        """Return whether the Cookie header holds a valid session."""
        try:
            morsel = SimpleCookie(header).get(COOKIE)
        except CookieError:
            return False
        return morsel is not None and self._seal.open(morsel.value) is not None
