"""Which name and role the claims of a provider give. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from config.groups.oidc import Oidc
from pressmark.service.access.roles import Role

_LONGEST = 64


def has_claims(claims: Mapping[str, Any], settings: Oidc) -> bool:
    """Return whether the claims with the name and the groups are among these."""
    needs = [settings.name_claim, *([settings.role_claim] if settings.roles else [])]
    return all(_claim(claims, name) is not None for name in needs)


def role_of(claims: Mapping[str, Any], settings: Oidc) -> Role | None:
    """Return the highest role of the groups of a person, or else the default one; None for who has no access."""
    found = _claim(claims, settings.role_claim)
    groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    names = {settings.roles[group] for group in groups if isinstance(group, str) and group in settings.roles}
    return next((role for role in reversed(Role) if role.value in names), _role(settings.default_role))


def name_of(claims: Mapping[str, Any], settings: Oidc) -> str:
    """Return the name that a person gets here at the first login.

    Letters with accents lose them, and what else a name can't have becomes a hyphen. Where nothing is left, as of a
    Chinese name, the name comes from the subject.
    """
    given = _claim(claims, settings.name_claim)
    plain = unicodedata.normalize("NFKD", given).lower() if isinstance(given, str) else ""
    ascii_only = "".join(one for one in plain if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9._-]+", "-", ascii_only)[:_LONGEST].strip("._-")
    return name or f"person-{identity_of(settings.issuer or '', str(claims['sub']))[:12]}"


def identity_of(issuer: str, subject: str) -> str:
    """Return what a person is recognised by: the digest of issuer and subject, which no other person ever has."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim; with dots, one inside others."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _role(name: str | None) -> Role | None:
    return None if name is None else Role(name)
