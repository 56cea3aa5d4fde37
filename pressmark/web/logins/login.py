"""The login of people: a name and a password, or a token, into a form; a session in a cookie. And the language."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import Callers
from pressmark.http.catalog import COOKIE as LANGUAGE
from pressmark.http.catalog import LANGUAGES
from pressmark.http.dependencies import Part
from pressmark.http.gate import address_in, note
from pressmark.http.render import page
from pressmark.http.sessions import BROWSER, COOKIE, cookie_in
from pressmark.http.words import N_
from pressmark.service.access.login_sessions import LASTS
from pressmark.service.access.people import UnknownPerson
from pressmark.service.access.roles import Caller
from pressmark.service.service import Service
from pressmark.web.forms import form

_YEAR = 365 * 24 * 3600
_WRONG, _WRONG_NAME, _LATER = (
    N_("Wrong access token."),
    N_("Wrong name or password."),
    N_("Too many wrong passwords or access tokens came from your IP address. Try again in %(minutes)s min."),
)
_ROUTE = "POST /login"

router = Part(include_in_schema=False)


@router.get("/login")
async def show_form(request: Request, next: str = "/", again: bool = False) -> Response:
    """Show the form.

    A caller that follows a link of another site must come again from here, because only then does the browser send the
    session cookie. An address that acts on GET is not followed: it asks for the login.
    """
    callers: Callers = request.app.state.callers
    following = own_path(next)
    if following.startswith("/save/") or await callers.is_open():
        return await run_in_threadpool(login_form, request, following)
    if await callers.of_session(request.headers) is not None:
        return RedirectResponse(following, 303)
    if request.headers.get("sec-fetch-site") == "cross-site" and not again:
        address = f"/login?{urlencode({'next': following, 'again': 1})}"
        return await run_in_threadpool(page, request, "login-again.html", again=address)
    return await run_in_threadpool(login_form, request, following)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Start a session for a person or a token."""
    callers: Callers = request.app.state.callers
    fields = await form(request)
    following, address = own_path(fields.get("next", "/")), address_in(request.scope)
    if await callers.is_open():
        return RedirectResponse(following, 303)
    name = fields.get("name", "").strip()
    browser = cookie_in(request.headers, BROWSER)
    caller, wait = await _caller_of(callers, fields, address, browser)
    if caller is None:
        status, why = (429, _LATER) if wait else (401, _WRONG_NAME if name else _WRONG)
        who = f"person {name}" if name else "nobody"
        await run_in_threadpool(partial(callers.access.trail.refuse, who, address, _ROUTE, status=status, why=why))
        answer = await run_in_threadpool(
            login_form, request, following, why, status, int(wait.total_seconds() // 60) + 1
        )
        if wait:
            answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return answer
    browser = browser or secrets.token_urlsafe(16)
    await callers.passwords.succeeded(address, _known(caller.name, browser))
    cookie = await run_in_threadpool(callers.access.begin_session, caller, address)
    await run_in_threadpool(callers.access.trail.add, str(caller), address, _ROUTE)
    return with_session(RedirectResponse(following, 303), request, cookie, browser)


async def _caller_of(
    callers: Callers, fields: dict[str, str], address: str, browser: str | None
) -> tuple[Caller | None, timedelta]:
    """Return who logs in; None for wrong fields, with the time to wait after many of them."""
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    given = password if name else fields.get("token", "") or password
    found = await callers.log_in(name, given, address, _known(name, browser) if browser else None)
    return None if found.caller is not None and found.caller.kind == "feeds" else found.caller, found.wait


def _known(name: str, browser: str) -> str:
    return f"person {name} {browser}"


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """End the session, here and in every copy of its cookie."""
    callers, following = _callers(request), "/login"
    if cookie := cookie_in(request.headers):
        found = await callers.identify(request.headers, address_in(request.scope))
        note(request, who=str(found.caller) if found.caller else None)
        await run_in_threadpool(callers.access.end_session, cookie)
        following = await run_in_threadpool(_after, request.app.state.service, found.caller)
    answer = RedirectResponse(following, 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remember the reader's language."""
    fields = await form(request)
    answer = RedirectResponse(own_path(fields.get("next", "/")), 303)
    if (chosen := fields.get("language", "")) in LANGUAGES:
        answer.set_cookie(LANGUAGE, chosen, max_age=_YEAR, path="/", httponly=True, samesite="strict")
    return answer


def _callers(request: Request) -> Callers:
    callers: Callers = request.app.state.callers
    return callers


def _after(service: Service, caller: Caller | None) -> str:
    """Return the page after logging out: who came from a provider is still logged in there."""
    if service.openid is None or caller is None or caller.kind != "person":
        return "/login"
    try:
        return "/login" if service.access.people.get(caller.name).has_password else "/login/oidc/ended"
    except UnknownPerson:  # removed a moment ago
        return "/login"


def login_form(
    request: Request, following: str, refused: str = "", status: int = 200, minutes: int = 0
) -> HTMLResponse:
    """Show the form, with the ways in that this service has."""
    service: Service = request.app.state.service
    openid = service.openid
    facts: dict[str, Any] = {
        "refused": refused,
        "minutes": minutes,
        "following": own_path(following),
        "people": service.access.people.has_passwords(),
        "provider": openid.settings.title if openid else "",
        "away": openid is not None and openid.known_problem() is not None,
    }
    return page(request, "login.html", status=status, **facts)


def with_session(answer: Response, request: Request, cookie: str, browser: str | None = None) -> Response:
    """Set the cookies of a session. A browser gets its own name here at the first login."""
    browser = browser or cookie_in(request.headers, BROWSER) or secrets.token_urlsafe(16)
    secure = request.url.scheme == "https"
    for name, value, seconds in ((COOKIE, cookie, int(LASTS.total_seconds())), (BROWSER, browser, _YEAR)):
        answer.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)
    return answer


def own_path(path: str) -> str:
    """Return a path of ours to redirect to; the front page for anything that could lead elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
