"""Settings of the login with OpenID Connect: the provider, and which of its groups has which role."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.duration import Duration
from config.groups.group import Group
from config.values.urls import Network, Url

RoleName = Literal["read", "trigger", "curate", "admin"]


def is_safe(url: str) -> bool:
    """Return whether nobody on the way can read or change what is sent there: https, or loopback."""
    parts = urlsplit(url)
    try:
        loopback = parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = False
    return parts.scheme.lower() == "https" or loopback


def _issuer(url: str) -> str:
    if not is_safe(url):
        raise ValueError(f"{url!r} is not an https address: anybody on the way could log in as anybody")
    if "?" in url or "#" in url:
        raise ValueError(f"{url!r} has a query or a fragment, which the name of a provider (issuer) never has")
    return url


def _session(lasts: timedelta) -> timedelta:
    if not timedelta(minutes=1) <= lasts <= timedelta(hours=12):
        raise ValueError("a login in a browser lasts at least 1m and at most 12h")
    return lasts


def _scopes(text: str) -> str:
    if "openid" not in text.split() or not re.fullmatch(r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*", text):
        raise ValueError(f"scopes are words separated by one space, and openid is among them; not {text!r}")
    return text


class Oidc(Group):
    """Login with OpenID Connect; on if an issuer is set."""

    issuer: Annotated[Url, AfterValidator(_issuer)] | None = None
    """The name of the provider, an https address: `/.well-known/openid-configuration` below it has its description."""
    client_id: str | None = Field(default=None, min_length=1)
    """The name under which the provider knows this service."""
    client_secret: SecretStr | None = None
    """The password of this service at the provider; default: none (a public client)."""
    client_secret_file: Path | None = None
    """A file that holds the client secret."""
    label: str | None = Field(default=None, min_length=1, max_length=80)
    """What the login page calls the provider; default: the host of the issuer."""
    scopes: Annotated[str, AfterValidator(_scopes)] = "openid profile"
    """What is requested, separated by spaces. Some providers send groups only if `groups` is among them."""
    name_claim: str = Field(default="preferred_username", min_length=1)
    """The claim with the name that a person gets here at the first login."""
    role_claim: str = Field(default="groups", min_length=1)
    """The claim with the groups of a person. Dots lead into claims of claims: `realm_access.roles`."""
    roles: Mapping[str, RoleName] = {}
    """The role of each group, such as `{archivists: curate}`. Who is in several gets the highest."""
    default_role: RoleName | None = None
    """The role of those who are in none of these groups; default: they can't log in."""
    access_for: Duration = timedelta(days=30)
    """How long a person has access after a login at the provider: sessions and the secret feed address end then."""
    session_for: Annotated[Duration, AfterValidator(_session)] = timedelta(hours=12)
    """How long a login in a browser lasts, at most 12h. After that, the next login asks the provider for the groups of
    the person, and a person who is still logged in there needs no password."""
    former_issuers: tuple[Url, ...] = ()
    """Issuers that this provider had before, with the same subjects: their people keep their names and feed
    addresses."""
    addresses: tuple[Network, ...] = ()
    """Private networks (CIDR) that the provider may be in."""

    @property
    def title(self) -> str:
        """What the login page calls the provider."""
        return self.label or urlsplit(self.issuer or "").netloc

    @property
    def terms(self) -> str | None:
        """A digest of the settings that decide who has access. A login under other terms does not count."""
        if self.issuer is None:
            return None
        facts = [self.issuer, self.role_claim, sorted(self.roles.items()), self.default_role]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is None:
            if self.client_id is not None or self.roles or self.default_role or self.former_issuers:
                raise ValueError("settings of a login with OpenID Connect are set, but no provider; set issuer")
            return self
        if self.client_id is None:
            raise ValueError("an issuer is set, but no client_id, under which the provider knows this service")
        if not self.roles and self.default_role is None:
            raise ValueError("nobody could log in: set roles, such as {archivists: curate}, or default_role")
        return self
