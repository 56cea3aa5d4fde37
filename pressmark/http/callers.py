"""Find out who sends a request: by a token, by the cookie of a session, or anybody while nobody has to log in."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers

from pressmark.http.attempts import TRIES_OF_ADDRESS, SharedAttempts
from pressmark.http.problems import Refused
from pressmark.http.sessions import basic_in, bearer_in, cookie_in, google_in, is_same
from pressmark.service.access.access import FRESH, Access
from pressmark.service.access.roles import ANYONE, FEEDS, SETTING, Caller, Role
from pressmark.service.access.tokens import PREFIX
from pressmark.service.source_editing import may_have_secrets, source_text

if TYPE_CHECKING:
    from pressmark.service.service import Service

calling: ContextVar[Caller | None] = ContextVar("calling", default=None)
"""Who sent the request that is answered."""
calling_from: ContextVar[str] = ContextVar("calling_from", default="")
"""The address that sent it."""
_CACHED = 1000
_BEARER, _BASIC = "bearer", "basic"
"""In the place of a name: tokens have none. What a proxy sends as Basic must not make those wait who send a token."""


def caller_now() -> Caller:
    """Return who sent the request that is answered; anybody, where nobody has to log in."""
    return calling.get() or ANYONE


def caller_name() -> str:
    """Return how the audit trail names who sent the request that is answered."""
    return str(calling.get() or "nobody")


def check_may_read(*texts: str) -> None:
    """Raise Refused if a text of a file of sources may have secret values, and who asks is not an admin."""
    if not may_read(*texts):
        raise Refused(
            403,
            "the file of the source contains values that may be secret, such as cookies, so only an admin may read and "
            "change it here",
        )


def check_may_change(service: Service, name: str) -> None:
    """Raise the same for the file of a source. Raises what `source_text` raises, too."""
    check_may_read(source_text(service, name).text)


def may_read(*texts: str) -> bool:
    """Return whether who sent the request may read these texts of files of sources."""
    return may_keep_secrets() or not any(map(may_have_secrets, texts))


def may_keep_secrets() -> bool:
    """Return whether who sent the request may read and save values of sources that may be secret: an admin."""
    caller = calling.get()
    return caller is not None and caller.role.includes(Role.ADMIN)


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
        self.passwords = SharedAttempts(access.wrong, "password", now=now, of_address=TRIES_OF_ADDRESS)
        self._wrong_tokens = SharedAttempts(access.wrong, "token", now=now, later=access.later)
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

    async def identify(
        self,
        headers: Headers,
        address: str,
        *,
        at_once: bool = False,
        of_reader: bool = False,
        feed: str | None = None,
    ) -> Identified:
        """Return who sends a request with these headers. `at_once` is as for `of_token`.

        Only a request `of_reader`, to the Google Reader API, may carry the secret that a feed reader keeps.

        A request to a feed address, whose secret is `feed`, comes from its person, whatever the headers say.
        A session counts more than Basic credentials, which may be those of a proxy.
        """
        if feed is not None:
            return await self._of_feed(feed)
        if (bearer := bearer_in(headers)) is not None:
            return await self.of_token(bearer, address, at_once=at_once)
        session_secret, token = google_in(headers) if of_reader else (None, None)
        if token is not None:
            return await self.of_token(token, address, at_once=at_once)
        session = await self._of_session(session_secret or cookie_in(headers))
        if session is None and (basic := basic_in(headers)) is not None:
            return await self.of_token(basic, address, _BASIC, at_once=at_once)
        return Identified(session)

    async def _of_feed(self, secret: str) -> Identified:
        """Return the person whose feed address has this secret. Nobody guesses it, so nobody has to wait."""
        found = await self._looked_up(f"feed {_digest(secret)}", partial(self.access.caller_of_feed, secret))
        return Identified(found, wrong=found is None)

    async def of_session(self, headers: Headers) -> Caller | None:
        """Return who logged in on a page; None without a valid session."""
        return await self._of_session(cookie_in(headers))

    async def log_in(self, name: str, password: str, address: str, known: str | None = None) -> Identified:
        """Return the person with this name and password, or else who has a token that is given as the password.

        `known` names a browser that was right before: it waits for nobody.
        """
        if not name:
            return await self.of_token(password, address)
        if made := await self._of_made(password):
            return Identified(made)
        reserved = await self.passwords.reserve(address, name, known)
        if reserved.wait:
            return Identified(None, wrong=True, wait=reserved.wait)
        try:
            caller = await run_in_threadpool(self.access.log_in, name, password)
        except BaseException:  # not checked to the end, so not wrong
            await self.passwords.release(reserved)
            raise
        if caller is not None:
            await self.passwords.release(reserved)
        return Identified(caller, wrong=caller is None)

    async def _of_session(self, cookie: str | None) -> Caller | None:
        if cookie is None:
            return None
        return await self._looked_up(f"cookie {_digest(cookie)}", partial(self.access.sessions.caller, cookie))

    async def of_token(self, given: str, address: str, scheme: str = _BEARER, *, at_once: bool = False) -> Identified:
        """Return who has a token.

        Tokens that we made are always looked up: nobody guesses them. Those of the settings were chosen by a person, so
        an address with many wrong ones waits; but not with a token that was right before. Who has a right one never
        waits for a writer of the database; nor does, `at_once`, who has a wrong one.
        """
        key = f"token {_digest(given)}"
        if made := await self._of_made(given):
            return Identified(made)
        if (chosen := self._of_settings(given)) is not None:
            if wait := await self._wrong_tokens.wait(address, scheme, key):
                return Identified(None, wrong=True, wait=wait)
            self._wrong_tokens.succeeds(address, key)
            return Identified(chosen)
        if at_once:
            self._wrong_tokens.fails(address, scheme)
            return Identified(None, wrong=True)
        reserved = await self._wrong_tokens.reserve(address, scheme, key)
        return Identified(None, wrong=True, wait=reserved.wait)

    async def _of_made(self, given: str) -> Caller | None:
        """Return who has one of the tokens that we made."""
        if not given.startswith(PREFIX):
            return None
        found = await self._looked_up(f"token {_digest(given)}", partial(self.access.tokens.caller, given))
        if found is not None:
            self._note(found)
        return found

    def _note(self, caller: Caller) -> None:
        if self.access.tokens.note_use(caller.name):
            self.access.later.do(self.access.tokens.write_uses)

    def _of_settings(self, given: str) -> Caller | None:
        if self._token is not None and is_same(given, self._token):
            return SETTING
        return FEEDS if self._feeds is not None and is_same(given, self._feeds) else None

    async def _looked_up(self, key: str, look_up: Callable[[], Caller | None]) -> Caller | None:
        """Return the result of a look-up, or that of a moment ago if nothing has changed since."""
        until, changes, known = self._known.get(key, (0.0, 0, None))
        if known is not None and time.monotonic() < until and changes == self.access.changes:
            return known
        changes, until = self.access.changes, time.monotonic() + FRESH  # what changes meanwhile must count afterwards
        found = await run_in_threadpool(look_up)
        if found is None:
            self._known.pop(key, None)
            return None
        self._known[key] = until, changes, found
        self._known.move_to_end(key)
        while len(self._known) > _CACHED:
            self._known.popitem(last=False)
        return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
