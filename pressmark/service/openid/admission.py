"""Which name and role the claims of a provider give. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from config.groups.oidc import Oidc
from pressmark.service.access.people import identity_of, is_name
from pressmark.service.access.roles import Role

_LONGEST, _MARK = 64, 12
_MARKED = re.compile(rf"-[0-9a-f]{{{_MARK}}}$")


def lacks_name(claims: Mapping[str, Any], settings: Oidc) -> bool:
    """Return whether the claim with the name is not among these."""
    return _claim(claims, settings.name_claim) is None


def lacks_groups(claims: Mapping[str, Any], settings: Oidc) -> bool:
    """Return whether the claim with the groups is needed, and not among these."""
    return bool(settings.roles) and _claim(claims, settings.role_claim) is None


def joined(claims: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims, with further ones where these have none. Null is none; claims inside claims count alone."""
    found = {name: it for name, it in more.items() if it is not None}
    for name, it in claims.items():
        if it is not None:
            inside = found.get(name)
            found[name] = joined(it, inside) if isinstance(it, Mapping) and isinstance(inside, Mapping) else it
    return found


def role_of(claims: Mapping[str, Any], settings: Oidc) -> Role | None:
    """Return the highest role of the groups of a person, or else the default one; None for who has no access."""
    found = _claim(claims, settings.role_claim)
    groups = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    names = {settings.roles[group] for group in groups if isinstance(group, str) and group in settings.roles}
    return next((role for role in reversed(Role) if role.value in names), _role(settings.default_role))


def name_of(claims: Mapping[str, Any], settings: Oidc) -> str:
    """Return the name that a person gets here at the first login: that of the provider, if people here can have it.

    Any other name is changed, and then ends with a mark that comes from issuer and subject: letters with accents lose
    them, and what else a name can't have becomes a hyphen. So no two names become one. A name that ends like a mark is
    changed, too. Where nothing is left, as of a Chinese name, the name is `person` with the mark.
    """
    given = _claim(claims, settings.name_claim)
    if isinstance(given, str) and is_name(given) and not _MARKED.search(given):
        return given
    mark = identity_of(settings.issuer or "", str(claims["sub"]))[:_MARK]
    plain = unicodedata.normalize("NFKD", given[:_LONGEST]).lower() if isinstance(given, str) else ""
    ascii_only = "".join(one for one in plain if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9._-]+", "-", ascii_only)[: _LONGEST - _MARK - 1].strip("._-")
    return f"{name or 'person'}-{mark}"


def former_identities(settings: Oidc, subject: str) -> list[str]:
    """Return what a person was recognised by while the provider had other names."""
    return [identity_of(issuer, subject) for issuer in settings.former_issuers]


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return a claim; with dots, one inside others."""
    if claims.get(name) is not None:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _role(name: str | None) -> Role | None:
    return None if name is None else Role(name)
