"""What a request carries to say who sends it: a token, or the cookies of a login."""

from __future__ import annotations

import hmac
from base64 import b64decode
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

COOKIE = "pressmark_session"
_SESSION = "session_"
BROWSER = "pressmark_browser"
"""A random value that a browser keeps after its first login: with it, nobody waits for what others tried."""


def is_same(given: str, secret: str) -> bool:
    """Return whether that is the secret, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())


def bearer_in(headers: Headers) -> str | None:
    """Return the token of an Authorization header of the scheme Bearer; None when there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def google_auth(session: str) -> str:
    """Return what a client of the Google Reader API sends back for a session."""
    return f"{_SESSION}{session}"


def google_in(headers: Headers) -> tuple[str | None, str | None]:
    """Return the session, or else the token, of an Authorization header of the scheme GoogleLogin."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    secret = given.strip().removeprefix("auth=")
    if scheme.lower() != "googlelogin" or not secret:
        return None, None
    return (secret.removeprefix(_SESSION), None) if secret.startswith(_SESSION) else (None, secret)


def basic_in(headers: Headers) -> str | None:
    """Return the password of an Authorization header of the scheme Basic; None when there is none.

    Archive clients and feed readers send a token so. A reverse proxy with a login of its own passes that on.
    """
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return _password(credentials) if scheme.lower() == "basic" else None


def cookie_in(headers: Headers, name: str = COOKIE) -> str | None:
    """Return the value of a cookie; None when there is none."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None


def _password(credentials: str) -> str:
    """Return what follows the colon: archive clients know no other credentials than those in a URL."""
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""
