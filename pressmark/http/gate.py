"""The gate before every route: who has access, from where, and the security headers of each answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pressmark.http.callers import Callers, Identified, calling, calling_from
from pressmark.http.hidden.by_link import answer_listed_first
from pressmark.http.problems import problem
from pressmark.http.route_roles import Matched, rule_of
from pressmark.http.security_headers import with_security_headers
from pressmark.http.sessions import bearer_in
from pressmark.http.target import address_of
from pressmark.service.access.roles import ANYONE, Caller
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.access.trail import write_or_log

MAY_KNOW = "may_know"
"""In the state of a health request, which is open to all: whether the caller may read everything else, too."""
CALLER = "caller"
"""In the state of a request: who sent it; None for a route that needs no login."""
_NOTED = "noted"
_HEALTH = frozenset({"/healthz", "/readyz"})
_READER = "/api/v1/greader/"
_FEEDS = "/api/v1/feeds/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_LOGIN = frozenset({401, 429})
_CLOSED = (
    "this address shows all collections, and some of them are closed to you; use the search and the lists of "
    "captures instead"
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Noted:
    """What a route tells the audit trail."""

    target: str | None = None
    before: Any = None
    after: Any = None
    who: str | None = None


def note(request: Request, **facts: Any) -> None:
    """Tell the audit trail what a request changes: `target`, `before`, `after`; `who` where only the route knows."""
    noted = request.scope.get("state", {}).get(_NOTED)
    for name, value in facts.items() if noted else ():
        setattr(noted, name, value)


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    sentence: str
    headers: dict[str, str] = field(default_factory=dict)


class Gate:
    """Controls access.

    While there are neither people nor tokens, only callers that use a name of this machine have access: a web page
    whose host name was rebound to loopback does not. Otherwise, each route needs the role that `route_roles` says.
    """

    def __init__(
        self,
        app: ASGIApp,
        callers: Callers,
        collection_of: Callable[[str], str | None] = lambda source: None,
        *,
        rooms: ReadingRooms,
        open_sources: Callable[[frozenset[str]], frozenset[str]] = lambda closed: frozenset(),
        beyond: bool = False,
        trusted: bool = False,
    ) -> None:
        """`collection_of` returns the collection of a source; None if it has none. `open_sources` returns the sources
        that are left when collections are closed.

        `beyond` says that others than this machine can reach the service: then it is never open to all. `trusted` says
        that only the user of this process can reach it, who can read and change the home anyway.
        """
        self._app = app
        self._callers = callers
        self._collection_of = collection_of
        self._rooms = rooms
        self._open_sources = open_sources
        self._beyond = beyond
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send, headers, state = with_security_headers(send), Headers(scope=scope), scope.setdefault("state", {})
        matched = rule_of(scope["method"], scope["path"])
        if scope["path"] in _HEALTH:
            state[MAY_KNOW] = await self._may_know(scope, headers, matched)
            state[CALLER] = None
            await self._app(scope, receive, send)
            return
        caller, refusal = (ANYONE, None) if self._trusted else await self._admit(scope, headers, matched)
        closed = self._closed_to(caller, scope)
        if refusal is None and closed and not matched.rule.is_filtered:
            refusal = _Refusal(403, _CLOSED)
        if refusal is not None:
            answer = await self._refuse(scope, headers, matched, caller, refusal)
            await answer(scope, receive, send)
            return
        state[CALLER], state[_NOTED] = caller, Noted()
        token, origin = calling.set(caller), calling_from.set(address_in(scope))
        try:
            linked = self._rooms.unlisted() if closed and matched.rule.is_by_link else frozenset[str]()
            recording = self._recording(scope, matched, caller, send)
            await answer_listed_first(
                self._app, scope, receive, recording, closed=(closed, linked), open_sources=self._open_sources
            )
        finally:
            calling.reset(token)
            calling_from.reset(origin)

    def _closed_to(self, caller: Caller | None, scope: Scope) -> frozenset[str]:
        return self._rooms.closed_to(caller, address_in(scope)) if caller else frozenset()

    async def _may_know(self, scope: Scope, headers: Headers, matched: Matched) -> bool:
        """Return whether a caller of a health check may know more than whether the service is well."""
        try:
            if await self._callers.is_open():
                return not self._beyond and is_local(headers.get("host", ""))
            caller = (await self._callers.identify(headers, address_in(scope), at_once=True)).caller
        except Exception:  # the database may be what is not well
            log.debug("nobody knows who asks", exc_info=True)
            return False
        return (
            caller is not None
            and caller.kind != "feeds"
            and caller.collections is None
            and not self._closed_to(caller, scope)
        )

    async def _admit(self, scope: Scope, headers: Headers, matched: Matched) -> tuple[Caller | None, _Refusal | None]:
        """Return who calls, and why the request is refused; None if it is not."""
        is_open = await self._callers.is_open()
        if is_open and (misdirected := self._misdirected(headers)):
            return None, misdirected
        if scope["method"] not in _SAFE and is_foreign(headers):
            return None, _Refusal(
                403,
                "the request comes from a page of another site, which may not change anything here; "
                "use the pages of this service",
            )
        if is_open:
            return ANYONE, None
        of_reader, feed = scope["path"].startswith(_READER), matched.feed_secret
        found = await self._callers.identify(headers, address_in(scope), of_reader=of_reader, feed=feed)
        if found.caller is not None:
            return found.caller, await self._refusal_of(found.caller, scope, matched)
        if matched.rule.role is None:
            return None, None
        return None, _unknown(found, scope["path"])

    def _misdirected(self, headers: Headers) -> _Refusal | None:
        """Return why nobody has access, where nobody has to log in; None for a caller on this machine."""
        if self._beyond:
            return _Refusal(
                403,
                "nobody can log in to this service yet; ask the administrator to add people with the command "
                "pressmark user add",
            )
        if is_local(headers.get("host", "")):
            return None
        return _Refusal(421, "without a token, the service accepts requests to localhost only, not to this host name")

    async def _refusal_of(self, caller: Caller, scope: Scope, matched: Matched) -> _Refusal | None:
        """Return why a known caller may not do this; None if it may."""
        rule = matched.rule
        if rule.role is None:
            return None
        if caller.kind == "feeds":
            reads = scope["method"] in _SAFE and scope["path"].startswith(_FEEDS)
            return None if reads else _unknown(Identified(None, wrong=True), scope["path"])
        if not caller.role.includes(rule.role):
            return _Refusal(403, f"your role {caller.role} does not allow this; it needs the role {rule.role}")
        if caller.collections is None or rule.scope == "any":
            return None
        if rule.scope == "source":
            collection = await run_in_threadpool(self._collection_of, matched.parameters["name"])
        else:
            collection = None if rule.scope == "none" else matched.collection(scope["query_string"])
        if collection in caller.collections:
            return None
        names = ", ".join(sorted(caller.collections))
        return _Refusal(
            403, f"your access token allows only these collections, and the address must name one of them: {names}"
        )

    async def _refuse(
        self, scope: Scope, headers: Headers, matched: Matched, caller: Caller | None, refusal: _Refusal
    ) -> Response:
        """Answer a refused request, and note that, unless it only lacks a login: Basic may be for a proxy before us."""
        page = "text/html" in headers.get("accept", "") and not scope["path"].startswith("/api/")
        is_get = scope["method"] == "GET"
        if caller is None and refusal.status in _NO_LOGIN and bearer_in(headers) is None and page and is_get:
            return RedirectResponse(f"/login?next={quote(address_of(scope))}", 303)
        await self._note_refusal(scope, matched, caller, refusal)
        if page and refusal.status == 403 and "app" in scope:
            from pressmark.http.render import problem_page

            return await run_in_threadpool(problem_page, Request(scope), refusal.status, refusal.sentence)
        return problem(refusal.status, refusal.sentence, headers=refusal.headers)

    async def _note_refusal(self, scope: Scope, matched: Matched, caller: Caller | None, refusal: _Refusal) -> None:
        who, action = str(caller) if caller else "nobody", matched.rule.action
        target = matched.rule.path if matched.has_secret else scope["path"]
        refuse = partial(self._callers.access.trail.refuse, status=refusal.status, why=refusal.sentence)
        await run_in_threadpool(write_or_log, partial(refuse, who, address_in(scope), action, target))

    def _recording(self, scope: Scope, matched: Matched, caller: Caller | None, send: Send) -> Send:
        """Have what changes something in the audit trail before its answer begins."""
        if not matched.rule.acts:
            return send

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                noted: Noted = scope["state"][_NOTED]
                await run_in_threadpool(
                    write_or_log,
                    lambda: self._callers.access.trail.add(
                        noted.who or (str(caller) if caller else "nobody"),
                        address_in(scope),
                        matched.rule.action,
                        noted.target or scope["path"],
                        outcome=str(message["status"]),
                        before=noted.before,
                        after=noted.after,
                    ),
                )
            await send(message)

        return sending


def _unknown(found: Identified, path: str) -> _Refusal:
    """Return the refusal of a caller whom we don't know."""
    if found.wait > timedelta():
        seconds = str(int(found.wait.total_seconds()) + 1)
        return _Refusal(429, "too many wrong tokens from your address", {"Retry-After": seconds})
    told = "this access token can't be used" if found.wrong else "an access token is required"
    return _Refusal(401, told, {"WWW-Authenticate": _challenge(path)})


def address_in(scope: Scope) -> str:
    """Return the address of the caller."""
    client = scope.get("client")
    return client[0] if client else ""


def _challenge(path: str) -> str:
    """Return the challenge. Feed readers ask for a name and a password when challenged: the password is a token."""
    bearer = 'Bearer realm="pressmark"'
    return f'{bearer}, Basic realm="pressmark", charset="UTF-8"' if path.startswith(_FEEDS) else bearer


@lru_cache(maxsize=256)
def is_local(host: str) -> bool:
    """Return whether a Host header names this machine itself: localhost, or a loopback address."""
    try:
        name = urlsplit(f"//{host}").hostname if "@" not in host and "/" not in host else None
        return name is not None and (name == "localhost" or ip_address(name).is_loopback)
    except ValueError:
        return False


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Return whether a browser says that a page of another origin sends this.

    The origin is compared without its scheme: a proxy in front of us may speak TLS for us.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:  # no page can set it; the origin may be "null" for a page that hides its address
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    except ValueError:
        return True
