"""Verify an ID token (OpenID Connect Core 1.0, 3.1.3.7). Nothing is fetched here."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a private key alone. With HS256, the public key of the provider could be taken for a secret."""
_SKEW = 60
"""Seconds by which the clock of the provider may differ."""
_LONGEST = 1 << 16
_LONGEST_SUBJECT = 255
_REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")


class TokenRefused(Exception):
    """An ID token that proves nothing. The message says why, and has nothing of the token."""


def kid_of(token: str) -> str | None:
    """Return the name of the key that signed a token; None if it names none. Raises TokenRefused."""
    kid = _header(token).get("kid")
    return kid if isinstance(kid, str) else None


def verify(token: str, keys: Sequence[Mapping[str, Any]], *, issuer: str, client: str, nonce: str) -> dict[str, Any]:
    """Return the claims of a token of the issuer, for the client, with the nonce. Raises TokenRefused."""
    import jwt

    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise TokenRefused(f"it is signed by none of the algorithms {', '.join(ALGORITHMS)}")
    try:
        key = jwt.PyJWK(dict(_key_for(header, keys)), algorithm)
        claims = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=client,
            issuer=issuer,
            leeway=_SKEW,
            options={"require": list(_REQUIRED), "enforce_minimum_key_length": True},
        )
    except jwt.PyJWTError as error:
        raise TokenRefused(_why(error)) from None
    _check(claims, client, nonce)
    return claims


def _header(token: str) -> dict[str, Any]:
    import jwt

    if len(token) > _LONGEST:
        raise TokenRefused("it is longer than 64 KiB")
    try:
        return jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefused("it is not a signed token (RFC 7515)") from None


def _key_for(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the key that a header names; the only fitting one if it names none. Raises TokenRefused."""
    kid = header.get("kid")
    fit = [key for key in keys if key.get("use", "sig") == "sig" and key.get("alg", header["alg"]) == header["alg"]]
    named = [key for key in fit if key.get("kid") == kid] if kid is not None else fit
    kinds = {"R": "RSA", "P": "RSA", "E": "OKP" if header["alg"] == "EdDSA" else "EC"}
    found = [key for key in named if key.get("kty") == kinds[header["alg"][0]]]
    if len(found) != 1:
        raise TokenRefused("the provider publishes no key that it names" if not found else "several keys fit it")
    return found[0]


def _check(claims: Mapping[str, Any], client: str, nonce: str) -> None:
    """Check what the library does not. Raises TokenRefused."""
    if not hmac.compare_digest(str(claims["nonce"]).encode("utf-8", "replace"), nonce.encode()):
        raise TokenRefused("it belongs to another login (nonce)")
    audience, authorized = claims["aud"], claims.get("azp")
    if authorized != client and (authorized is not None or (isinstance(audience, list) and len(audience) > 1)):
        raise TokenRefused("it was issued to another client (azp)")
    if not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise TokenRefused("its subject is empty, or longer than 255 characters")
    if not claims["sub"].isprintable():
        raise TokenRefused("its subject has characters that no subject has, such as half a surrogate pair")


def _why(error: Exception) -> str:
    """Return why a token is refused. Messages of the library may contain parts of it."""
    reasons = {
        "ExpiredSignatureError": "it has expired (exp)",
        "ImmatureSignatureError": "it is not valid yet (iat, nbf): compare the clocks of both computers",
        "InvalidAudienceError": "it is for another client (aud)",
        "InvalidIssuerError": "it is of another issuer (iss)",
        "InvalidSignatureError": "its signature does not match",
        "InvalidKeyError": "its key is too short or invalid",
        "MissingRequiredClaimError": f"it lacks one of the claims {', '.join(_REQUIRED)}",
    }
    return reasons.get(type(error).__name__, f"it is invalid ({type(error).__name__})")
