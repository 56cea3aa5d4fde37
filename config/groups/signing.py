"""Settings of signatures: what is signed, the keys that sign, and the keys that are trusted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from config.groups.group import Group

SECRETS = (("signing", "private_key"), ("signing", "wacz_key"))
"""The secret settings: each can be in a file, named by the key with ``_file``."""
_FETCHED = re.compile(r"https://(?:[A-Za-z0-9._~!$&'()*+,;=:@/\[\]-]|%[0-9A-Fa-f]{2})+", re.ASCII | re.IGNORECASE)


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _joined(value: Any) -> Any:
    """Accept a list, as YAML may give."""
    return " ".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


class Signing(Group):
    """Signatures of manifests, of WACZ files and of requests."""

    private_key: SecretStr | None = None
    """Key for signing manifests: Ed25519 in PEM, without password; default: manifests are not signed."""
    private_key_file: Path | None = None
    """A file that holds the key of manifests."""
    public_keys: Annotated[str, BeforeValidator(_joined)] = ""
    """Keys for verifying signatures, each in base64 (the middle line of a public key in PEM), separated by spaces. The
    key of `private_key` is included. If any key is set, an unsigned manifest is a finding."""
    since: Annotated[datetime, AfterValidator(_in_utc)] | None = None
    """Segments that begin earlier may be unsigned, e.g. those from before the key existed."""
    wacz_key: SecretStr | None = None
    """Key for signing WACZ files: ECDSA P-384 in PEM, without password."""
    wacz_key_file: Path | None = None
    """A file that holds the key of WACZ files."""
    requests: bool = False
    """Sign the requests to all sites, so that they can verify who sends them (Web Bot Auth); `sign_requests` of a
    source overrides it. It needs a `public_url` with https, at which sites fetch the keys in `HOME/crawler-keys`."""


def has_public_keys(public_url: str | None) -> bool:
    """Return whether sites can fetch the keys of signed requests, for which they accept https alone.

    The address is sent in a field (RFC 9651, 3.3.3), so it has only the characters of RFC 3986.
    """
    return public_url is not None and _FETCHED.fullmatch(public_url) is not None


def _keys_are_public(signing: Signing, info: ValidationInfo) -> Signing:
    if signing.requests and not has_public_keys(info.data.get("public_url")):
        raise ValueError(
            "requests is true, but sites can't fetch the keys: set public_url to the https address of this service, "
            "in ASCII (write the host as xn--…)"
        )
    return signing


ServiceSigning = Annotated[Signing, AfterValidator(_keys_are_public)]
