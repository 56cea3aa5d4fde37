"""The provider: its description, its keys, and what it gives for a code (OpenID Connect Discovery and Core 1.0)."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from archive.values.counters import Figures
from config.groups.oidc import Oidc, is_safe
from config.values.urls import BadUrl, check_url
from crawler.wire.guard import PORTS, Guard
from crawler.wire.single_request import Received, send_once

SECONDS = 10.0
"""Seconds that the provider may take for one answer."""
_PAGE_BYTES = 1 << 18
_KEPT = 3600.0
"""Seconds for which the description and the keys are used again."""
_FAILED_FOR = 5.0
"""Seconds for which a provider that gave no description is not asked again for a login."""
_KEYS_AGAIN = 60.0
"""Seconds between two looks for a key that is not there: providers change their keys."""
_MOST_KEYS = 100
_DESCRIPTION = "/.well-known/openid-configuration"


class ProviderFailed(Exception):
    """The provider can't be reached, or its answers can't be used. The message says why."""


class CodeRefused(Exception):
    """The provider gives nothing for this code."""


@dataclass(frozen=True, slots=True)
class Description:
    """What the provider says of itself."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    names_itself: bool
    """Whether it sends its name with each code (RFC 9207)."""
    wants_secret_in_body: bool
    """Whether it takes the client secret only in the body (client_secret_post)."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the provider gives for a code."""

    id_token: str
    access_token: str | None


class Provider:
    """The provider that the settings name. Any event loop may ask."""

    def __init__(self, settings: Oidc, *, figures: Figures | None = None) -> None:
        """`settings` have an issuer. `figures` count refused addresses."""
        self._settings = settings
        self._issuer, self._client = settings.issuer or "", settings.client_id or ""
        self._guard = Guard(settings.addresses, PORTS, figures=figures)
        self._described: tuple[float, Description] | None = None
        self._fetching: asyncio.Task[Description] | None = None
        self._failed: tuple[float, str] | None = None
        self._keys: tuple[float, tuple[Mapping[str, Any], ...]] | None = None

    async def description(self, *, again: bool = False) -> Description:
        """Return the description; that of the last hour, unless `again`. Raises ProviderFailed.

        Without `again`, all who wait share one request, and a failure counts for some seconds: strangers can begin as
        many logins as they like.
        """
        now = time.monotonic()
        if again:
            return await self._describe()
        if self._described is not None and now < self._described[0] + _KEPT:
            return self._described[1]
        if self._failed is not None and now < self._failed[0] + _FAILED_FOR:
            raise ProviderFailed(self._failed[1])
        loop = asyncio.get_running_loop()
        if self._fetching is None or self._fetching.done() or self._fetching.get_loop() is not loop:
            self._fetching = loop.create_task(self._describe())
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._fetching)

    async def _describe(self) -> Description:
        try:
            found = await self._get(self._issuer.rstrip("/") + _DESCRIPTION)
            described = _description(found, self._issuer)
        except ProviderFailed as error:
            self._failed = time.monotonic(), str(error)
            raise
        self._described, self._failed = (time.monotonic(), described), None
        return described

    async def keys(self, kid: str | None = None) -> tuple[Mapping[str, Any], ...]:
        """Return the public keys (RFC 7517); new ones, at most once a minute, if none is named `kid`.

        Raises ProviderFailed.
        """
        if self._keys is None or self._is_old(self._keys, kid):
            found = (await self._get((await self.description()).keys)).get("keys")
            if not isinstance(found, list):
                raise ProviderFailed(f"the keys of {self._issuer} are no key set (RFC 7517)")
            kept = tuple(key for key in found[:_MOST_KEYS] if isinstance(key, dict))
            self._keys = time.monotonic(), kept
        return self._keys[1]

    def _is_old(self, keys: tuple[float, tuple[Mapping[str, Any], ...]], kid: str | None) -> bool:
        age = time.monotonic() - keys[0]
        lacks = kid is not None and all(key.get("kid") != kid for key in keys[1])
        return age >= _KEPT or (lacks and age >= _KEYS_AGAIN)

    async def redeem(self, code: str, verifier: str, back: str) -> Tokens:
        """Return the tokens for a code (RFC 6749, 4.1.3). `back` is the address that the browser came back to.

        Raises ProviderFailed, CodeRefused.
        """
        described = await self.description()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        head, secret = {"Content-Type": "application/x-www-form-urlencoded"}, self._settings.client_secret
        if secret is None:
            form["client_id"] = self._client
        elif described.wants_secret_in_body:
            form |= {"client_id": self._client, "client_secret": secret.get_secret_value()}
        else:
            pair = f"{quote(self._client, safe='')}:{quote(secret.get_secret_value(), safe='')}"
            head["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        received = await self._send("POST", described.token, head, urlencode(form).encode())
        if received.status in {400, 401}:
            told = _word(_object(received.content).get("error"))
            raise CodeRefused(f"the provider refuses the code: {told}")
        given = self._whole(received)
        id_token, access_token = given.get("id_token"), given.get("access_token")
        if not isinstance(id_token, str):
            raise ProviderFailed(f"{self._issuer} sent no ID token; scopes must contain openid")
        return Tokens(id_token, access_token if isinstance(access_token, str) else None)

    async def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """Return the claims that the provider has beside the ID token; none if it has no such address.

        Raises ProviderFailed.
        """
        address = (await self.description()).userinfo
        if address is None:
            return {}
        return await self._get(address, {"Authorization": f"Bearer {access_token}"})

    async def _get(self, url: str, head: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._whole(await self._send("GET", url, head or {}, b""))

    async def _send(self, method: str, url: str, head: Mapping[str, str], body: bytes) -> Received:
        fields = {"User-Agent": "Pressmark", "Accept": "application/json", **head}
        return await send_once(method, url, fields, body, guard=self._guard, page_bytes=_PAGE_BYTES, seconds=SECONDS)

    def _whole(self, received: Received) -> dict[str, Any]:
        """Return the object that a good answer is. Raises ProviderFailed."""
        if received.status != 200:
            raise ProviderFailed(received.sentence)
        found = _object(received.content)
        if not received.whole or not found:
            why = "incomplete or larger than 256 KiB" if not received.whole else "no JSON object"
            raise ProviderFailed(f"{received.sentence}, but the answer is {why}")
        return found


def _object(content: bytes) -> dict[str, Any]:
    """Return the JSON object of these bytes; an empty one if they are anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _word(error: object) -> str:
    """Return an error code of OAuth (RFC 6749, 5.2). Whatever else is there is not repeated."""
    fits = isinstance(error, str) and len(error) <= 64 and error.replace("_", "").isascii() and error.isprintable()
    return str(error) if fits and " " not in str(error) else "without a known reason"


def _description(found: Mapping[str, Any], issuer: str) -> Description:
    """Check a description (OpenID Connect Discovery 1.0, 4.3). Raises ProviderFailed."""
    if found.get("issuer") != issuer:
        raise ProviderFailed(
            f"the description below {issuer} is that of another issuer; set oidc.issuer to exactly what it says"
        )
    methods = found.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(methods, list) or "client_secret_basic" in methods or "client_secret_post" not in methods
    return Description(
        authorization=_endpoint(found, "authorization_endpoint", issuer),
        token=_endpoint(found, "token_endpoint", issuer),
        keys=_endpoint(found, "jwks_uri", issuer),
        userinfo=_endpoint(found, "userinfo_endpoint", issuer) if "userinfo_endpoint" in found else None,
        end_session=_endpoint(found, "end_session_endpoint", issuer) if "end_session_endpoint" in found else None,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        wants_secret_in_body=not basic,
    )


def _endpoint(found: Mapping[str, Any], name: str, issuer: str) -> str:
    """Return an address of a description. Raises ProviderFailed for one that is missing, invalid or not safe."""
    url = found.get(name)
    try:
        if isinstance(url, str) and check_url(url).isascii() and is_safe(url) and "#" not in url:
            return url
    except BadUrl:
        pass
    raise ProviderFailed(f"the description of {issuer} has no valid https address as {name}")
