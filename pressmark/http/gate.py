"""The gate before every route: who has access, from where, and the security headers of each answer."""

from __future__ import annotations

from base64 import b64decode
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressmark.http.problems import problem
from pressmark.http.sessions import Sessions, is_same
from pressmark.http.target import address_of

MAY_KNOW = "may_know"
"""In the state of a health request, which is open to all: whether the caller may access everything else, too."""
_HEALTH = frozenset({"/healthz", "/readyz"})
_BEFORE_LOGIN = ("/login", "/language", "/static/")
_PREFLIGHT = "/warcs/"
"""Where browsers ask, without credentials, whether a page of another origin may send a request."""
_FEEDS = "/api/v1/feeds/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = {
    # Archived content must never run here: no script at all, nothing from other origins, in no frame.
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_DEFAULTS = [(name.lower().encode(), value.encode()) for name, value in _POLICY.items()]


class Gate:
    """Controls access.

    Without a token, only callers that use a name of this machine have access: a web page whose host name was rebound to
    loopback does not. With a token, only callers with the token or a session have access; feeds also accept the feed
    token.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions | None, feeds: str | None = None) -> None:
        self._app = app
        self._sessions = sessions
        self._feeds = feeds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["path"] in _HEALTH:
            scope.setdefault("state", {})[MAY_KNOW] = refusal is None
            refusal = None
        await (refusal or self._app)(scope, receive, _with_defaults(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._sessions is None and not is_local(headers.get("host", "")):
            return problem(
                421, "without a token, the service accepts requests to localhost only, not to this host name"
            )
        if scope["method"] not in _SAFE and is_foreign(headers):
            return problem(403, "a page of another origin can't make changes here")
        if self._sessions is None or _is_known(self._sessions, headers) or self._reads_feeds(scope, headers):
            return None
        path: str = scope["path"]
        if path.startswith(_BEFORE_LOGIN) or (scope["method"] == "OPTIONS" and path.startswith(_PREFLIGHT)):
            return None
        if scope["method"] == "GET" and "text/html" in headers.get("accept", "") and not path.startswith("/api/"):
            return RedirectResponse(f"/login?next={quote(address_of(scope))}", 303)
        return problem(401, "a token is required", headers={"WWW-Authenticate": _challenge(path)})

    def _reads_feeds(self, scope: Scope, headers: Headers) -> bool:
        """Return whether the caller reads a feed with the token that is only for feeds."""
        if self._feeds is None or scope["method"] not in _SAFE or not scope["path"].startswith(_FEEDS):
            return False
        return (given := _given(headers)) is not None and is_same(given, self._feeds)


def _is_known(sessions: Sessions, headers: Headers) -> bool:
    given = _given(headers)
    return sessions.valid(headers.get("cookie", "")) if given is None else sessions.admits(given)


def _given(headers: Headers) -> str | None:
    """Return the token in the Authorization header; None when there is none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return token.strip()
        case "basic":
            return _password(token)
    return None


def _challenge(path: str) -> str:
    """Return the challenge. Feed readers ask for a name and a password when challenged: the password is a token."""
    bearer = 'Bearer realm="pressmark"'
    return f'{bearer}, Basic realm="pressmark", charset="UTF-8"' if path.startswith(_FEEDS) else bearer


def _password(credentials: str) -> str:
    """Return what follows the colon: archive clients know no other credentials than those in a URL."""
    try:
        return b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


@lru_cache(maxsize=256)
def is_local(host: str) -> bool:
    """Return whether a Host header names this machine itself: localhost, or a loopback address."""
    name = urlsplit(f"//{host}").hostname if "@" not in host and "/" not in host else None
    if name is None:
        return False
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def is_foreign(headers: Headers) -> bool:
    """Return whether a browser says that a page of another origin sends this."""
    site = headers.get("sec-fetch-site")
    if site is not None:  # no page can set it; the origin may be "null" for a page that hides its address
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()


def _with_defaults(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(field for field in _DEFAULTS if field[0] not in there)]
        await send(message)

    return sending
