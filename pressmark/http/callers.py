"""Find out who sends a request: by a token, by the cookie of a session, or anybody while nobody has to log in."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from pressmark.http.attempts import Attempts
from pressmark.http.sessions import cookie_in, is_same, token_in
from pressmark.service.access.access import FRESH, Access
from pressmark.service.access.roles import FEEDS, SETTING, Caller
from pressmark.service.access.tokens import PREFIX

calling: ContextVar[Caller | None] = ContextVar("calling", default=None)
"""Who sent the request that is answered."""
_CACHED = 1000
_BEARER = "bearer"
"""In the place of a name: tokens have none."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identified:
    """The result: a caller; or none, and why."""

    caller: Caller | None
    wrong: bool = False
    """Whether a token was given, and it is not valid."""
    wait: timedelta = timedelta()
    """How long the address must wait, after many wrong tokens."""


class Callers:
    """Knows all tokens and sessions of a service."""

    def __init__(
        self, access: Access, token: str | None, feeds: str | None = None, *, now: Callable[[], datetime]
    ) -> None:
        self.access = access
        self.attempts = Attempts(now=now)
        self._token = token
        self._feeds = feeds
        self._known: OrderedDict[str, tuple[float, int, Caller]] = OrderedDict()

    async def is_open(self) -> bool:
        """Return whether nobody has to log in: there is no token in the settings, and there are no people or tokens."""
        if self._token is not None:
            return False
        if self.access.is_fresh():
            return not self.access.is_configured()
        return not await run_in_threadpool(self.access.is_configured)

    async def identify(self, headers: Headers, address: str) -> Identified:
        """Return who sends a request with these headers."""
        given = token_in(headers)
        if given is not None:
            return await self.of_token(given, address)
        cookie = cookie_in(headers)
        if cookie is None:
            return Identified(None)
        key = f"cookie {_digest(cookie)}"
        found = self._cached(key) or await run_in_threadpool(self.access.sessions.caller, cookie)
        return Identified(self._cache(key, found))

    async def of_token(self, given: str, address: str) -> Identified:
        """Return who has a token.

        Tokens that we made are always looked up: nobody guesses them. Those of the settings were chosen by a person, so
        an address with many wrong ones waits; but not with a token that was right before.
        """
        key = f"token {_digest(given)}"
        found = self._cached(key)
        if found is None and given.startswith(PREFIX):
            found = await run_in_threadpool(self.access.tokens.caller, given)
        if found is not None:
            await self._note(found)
            return Identified(self._cache(key, found))
        if wait := self.attempts.wait(address, _BEARER, key):
            return Identified(None, wrong=True, wait=wait)
        if (chosen := self._of_settings(given)) is None:
            self.attempts.failed(address, _BEARER)
            return Identified(None, wrong=True)
        self.attempts.succeeded(address, key)
        return Identified(chosen)

    async def _note(self, caller: Caller) -> None:
        if self.access.tokens.note_use(caller.name):
            try:
                await run_in_threadpool(self.access.tokens.write_uses)
            except Exception as error:  # the request must not fail because nobody can note it
                log.warning("the last uses of tokens are not written", extra={"reason": str(error)})

    def _of_settings(self, given: str) -> Caller | None:
        if self._token is not None and is_same(given, self._token):
            return SETTING
        return FEEDS if self._feeds is not None and is_same(given, self._feeds) else None

    def _cached(self, key: str) -> Caller | None:
        """Return who was found a moment ago, unless something has changed since."""
        until, changes, caller = self._known.get(key, (0.0, 0, None))
        return caller if time.monotonic() < until and changes == self.access.changes else None

    def _cache(self, key: str, caller: Caller | None) -> Caller | None:
        if caller is not None and self._cached(key) is None:
            self._known[key] = (time.monotonic() + FRESH, self.access.changes, caller)
            while len(self._known) > _CACHED:
                self._known.popitem(last=False)
        return caller


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
