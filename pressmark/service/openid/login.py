"""A login with OpenID Connect: the way to the provider and back (authorization code with PKCE, RFC 9700)."""

from __future__ import annotations

import asyncio
import hmac
import logging
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from threading import Lock, Thread
from urllib.parse import urlencode

from archive.values.counters import Figures
from config.groups.oidc import Oidc
from pressmark.service.access.networks import network_of
from pressmark.service.access.people import identity_of
from pressmark.service.openid.admission import joined, lacks_groups, lacks_name
from pressmark.service.openid.id_token import TokenRefused, kid_of, verify
from pressmark.service.openid.provider import CodeRefused, Description, Provider, ProviderFailed

LASTS = 600
"""Seconds within which a person must come back from the provider."""
_AT_ONCE, _AT_ONCE_OF_NETWORK = 64, 16
"""Logins that wait for the provider: of all, and of one address."""
_SKEW = 60
"""Seconds by which the clocks of the machines of a service may differ."""
_AT = "~"
"""Ends the time in the secret of a login. State, nonce and verifier depend on it, so none fits another time."""
_LONGEST_PATH = 1000
_GOOD, _BAD = 300.0, 30.0
"""Seconds after which a check of the provider is made again: of one that works, and of one that does not."""

log = logging.getLogger(__name__)


class Reason(StrEnum):
    """Why a login ends without a session."""

    NOT_BEGUN = "not-begun"
    DENIED = "denied"
    UNUSABLE = "unusable"
    UNVERIFIED = "unverified"
    NO_ROLE = "no-role"
    NAME_TAKEN = "name-taken"
    BUSY = "busy"


class LoginRefused(Exception):
    """A login that ends without a session. The message is for the audit trail."""

    def __init__(self, reason: Reason, why: str, person: str | None = None) -> None:
        super().__init__(why)
        self.reason = reason
        self.person = person
        """The name here of who can't log in, where it is known."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that has begun: where the browser goes, and the cookie with which it comes back."""

    url: str
    cookie: str


class OpenIdLogin:
    """The login with the provider of the settings. It may begin in one process and end in another."""

    def __init__(
        self, settings: Oidc, *, knows: Callable[[str], bool] = lambda identity: False, figures: Figures | None = None
    ) -> None:
        """`knows` says whether an identity has logged in before."""
        self.settings = settings
        self._knows = knows
        self._clock: Callable[[], float] = time.time
        self._provider = Provider(settings, figures=figures)
        self._waiting: Counter[str] = Counter()
        self._checked: tuple[float, str | None] | None = None
        self._checking = Lock()

    async def begin(self, back: str, following: str, language: str) -> Begun:
        """Begin a login, after which the browser comes back to `back`, and then goes to the path `following`.

        Raises ProviderFailed.
        """
        described = await self._described()
        secret = f"{int(self._clock()):x}{_AT}{secrets.token_urlsafe(32)}"
        path = following if len(following) <= _LONGEST_PATH else "/"
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id or "",
            "redirect_uri": back,
            "scope": self.settings.scopes,
            "state": state_of(secret),
            "nonce": _part(secret, "nonce"),
            "code_challenge": _encoded(sha256(_part(secret, "verifier").encode()).digest()),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        joint = "&" if "?" in described.authorization else "?"
        return Begun(f"{described.authorization}{joint}{urlencode(query)}", f"{secret}.{_encoded(path.encode())}")

    async def finish(
        self, query: Mapping[str, str], cookie: str | None, back: str, address: str
    ) -> Mapping[str, object]:
        """Return the claims of who comes back with this query and cookie. Raises LoginRefused."""
        secret = (cookie or "").partition(".")[0]
        given = query.get("state", "").encode("utf-8", "replace")
        if not secret or not hmac.compare_digest(given, state_of(secret).encode()):
            raise LoginRefused(Reason.NOT_BEGUN, "no login began in this browser in the last 10 minutes (state)")
        if not -_SKEW <= self._clock() - begun_at(secret) <= LASTS:
            raise LoginRefused(Reason.NOT_BEGUN, "the login began more than 10 minutes ago")
        if (code := query.get("code")) is None:
            told = query.get("error", "")
            word = told if told.isascii() and told.replace("_", "").isalnum() and len(told) <= 64 else "no reason"
            raise LoginRefused(Reason.DENIED, f"the provider sends nobody: {word}")
        try:
            with self._turn(network_of(address)):
                return await self._claims(code, secret, back, query.get("iss"))
        except (TokenRefused, CodeRefused) as error:
            told = f"the ID token: {error}" if isinstance(error, TokenRefused) else str(error)
            raise LoginRefused(Reason.UNVERIFIED, told) from None
        except ProviderFailed as error:
            self._checked = time.monotonic(), str(error)
            raise LoginRefused(Reason.UNUSABLE, str(error)) from None

    async def end_session(self, back: str) -> str | None:
        """Return where a person logs out at the provider, and comes back to `back`; None where nothing is offered."""
        try:
            end = (await self._described()).end_session
        except ProviderFailed:
            return None
        if end is None:
            return None
        query = {"client_id": self.settings.client_id or "", "post_logout_redirect_uri": back}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(query)}"

    def known_problem(self) -> str | None:
        """Return why the provider could not be used when it was last asked; None when it could, or was not asked."""
        return self._checked[1] if self._checked else None

    def problem(self, *, wait: bool = False) -> str | None:
        """Return why the provider can't be used, by the last result; None as long as nobody has asked it.

        Where that is old, or there is none, the provider is asked in the background. With `wait`, the first call asks
        it and waits.
        """
        if wait and self._checked is None:
            with self._checking:
                if self._checked is None:  # who held the lock has asked it meanwhile
                    self._check()
        elif self._is_old() and self._checking.acquire(blocking=False):
            Thread(target=self._check_and_release, name="login-provider", daemon=True).start()
        return self.known_problem()

    def _is_old(self) -> bool:
        known = self._checked
        return known is None or time.monotonic() >= known[0] + (_BAD if known[1] else _GOOD)

    def _check_and_release(self) -> None:
        try:
            self._check()
        finally:
            self._checking.release()

    def _check(self) -> None:
        try:
            asyncio.run(self._ask())
            self._checked = time.monotonic(), None
        except ProviderFailed as error:
            self._checked = time.monotonic(), str(error)
        except Exception as error:
            log.exception("the provider of logins can't be checked")
            self._checked = time.monotonic(), type(error).__name__

    async def _ask(self) -> None:
        await self._provider.description(again=True)
        if not await self._provider.keys():
            raise ProviderFailed(f"{self.settings.issuer} publishes no keys, so its answers can't be verified")

    async def _described(self) -> Description:
        try:
            return await self._provider.description()
        except ProviderFailed as error:
            self._checked = time.monotonic(), str(error)
            raise

    async def _claims(self, code: str, secret: str, back: str, named: str | None) -> Mapping[str, object]:
        """Return the claims for a code. Raises ProviderFailed, CodeRefused, TokenRefused."""
        described = await self._described()
        if named != self.settings.issuer and (named is not None or described.names_itself):
            raise TokenRefused("the code comes from another provider (iss)")
        tokens = await self._provider.redeem(code, _part(secret, "verifier"), back)
        keys = await self._provider.keys(kid_of(tokens.id_token))
        claims = verify(
            tokens.id_token,
            keys,
            issuer=self.settings.issuer or "",
            client=self.settings.client_id or "",
            nonce=_part(secret, "nonce"),
        )
        if tokens.access_token and await self._lacks(claims):
            more = await self._provider.userinfo(tokens.access_token)
            if more and more.get("sub") != claims["sub"]:
                raise TokenRefused("the further claims (userinfo) are of another person")
            claims = joined(claims, more)
        self._checked = time.monotonic(), None
        return claims

    async def _lacks(self, claims: Mapping[str, object]) -> bool:
        """Return whether these claims do not suffice. Who is known here has a name already."""
        if lacks_groups(claims, self.settings):
            return True
        identity = identity_of(self.settings.issuer or "", str(claims["sub"]))
        return lacks_name(claims, self.settings) and not await asyncio.to_thread(self._knows, identity)

    @contextmanager
    def _turn(self, network: str) -> Iterator[None]:
        """Bound how many logins wait for the provider. Raises LoginRefused."""
        if self._waiting.total() >= _AT_ONCE or self._waiting[network] >= _AT_ONCE_OF_NETWORK:
            raise LoginRefused(Reason.BUSY, "too many logins wait for the provider")
        self._waiting[network] += 1
        try:
            yield
        finally:
            self._waiting[network] -= 1
            if not self._waiting[network]:
                del self._waiting[network]


def following_of(cookie: str | None) -> str:
    """Return the path that a login was begun for."""
    try:
        return urlsafe_b64decode((cookie or "").partition(".")[2].encode() + b"==").decode() or "/"
    except ValueError:
        return "/"


def begun_at(cookie: str) -> float:
    """Return when the login of a cookie began, in seconds since 1970; 0 for anything else."""
    try:
        return float(int(cookie.partition(_AT)[0], 16))
    except (ValueError, OverflowError):
        return 0.0


def state_of(cookie: str) -> str:
    """Return the state with which a browser comes back that has this cookie."""
    return _part(cookie.partition(".")[0], "state")


def _part(secret: str, name: str) -> str:
    """Return a value of its own for each use; nobody learns one from another."""
    return _encoded(hmac.digest(secret.encode("utf-8", "replace"), name.encode(), "sha256"))


def _encoded(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
