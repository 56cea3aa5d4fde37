"""The login with OpenID Connect: to the provider, back from it, and what is left after logging out.

The browser comes back from another site. It sends the cookie of the begun login, which is `SameSite=Lax` and good for
nothing else. The session cookie is `SameSite=Strict`, so a page of ours leads on: only then does the browser send it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import Callers
from pressmark.http.catalog import language_of
from pressmark.http.dependencies import Part
from pressmark.http.gate import address_in
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.sessions import cookie_in
from pressmark.http.target import public_home
from pressmark.http.words import N_
from pressmark.service.access.people import NameTaken, identity_of
from pressmark.service.access.roles import Caller
from pressmark.service.openid.admission import former_identities, name_of, role_of
from pressmark.service.openid.login import LASTS, LoginRefused, OpenIdLogin, Reason, begun_at, following_of, state_of
from pressmark.service.openid.provider import ProviderFailed
from pressmark.service.service import Service
from pressmark.web.logins.login import login_form, own_path, with_session

BEGUN = "pressmark_oidc_"
"""The beginning of the names of cookies of logins that have begun: each tab has one of its own, named by its state."""
_MOST_BEGUN = 4
"""Logins of one browser that may have begun and not ended."""
_PATH, _CALLBACK = "/login/oidc", "/login/oidc/callback"
_ROUTE = f"GET {_CALLBACK}"
_LONGEST_NAME = 43
_STATUS = {Reason.NOT_BEGUN: 400, Reason.UNUSABLE: 503, Reason.BUSY: 503}
"""The statuses of refusals; 403 for the others."""
_SENTENCES = {
    Reason.NOT_BEGUN: N_(
        "This login did not begin in this browser, or began more than 10 minutes ago. Please begin again."
    ),
    Reason.DENIED: N_("%(provider)s has not confirmed who you are. Please begin again, or ask there for help."),
    Reason.UNUSABLE: N_(
        "The login with %(provider)s does not work at the moment. Try again later. With a password or an access token "
        "of this service, you can log in below."
    ),
    Reason.UNVERIFIED: N_(
        "The answer of %(provider)s could not be verified, so you are not logged in. Please begin again. If it happens "
        "again, tell the administrator of this service, who finds the reason in the audit trail."
    ),
    Reason.NO_ROLE: N_(
        "%(provider)s knows you, but you have no access to this service. Ask its administrator for access."
    ),
    Reason.NAME_TAKEN: N_(
        "%(provider)s knows you, but your name there belongs to another person in this service. Ask its administrator."
    ),
    Reason.BUSY: N_("Too many people are logging in at this moment. Try again in a minute."),
}

router = Part(include_in_schema=False)


@router.get(_PATH)
async def begin(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    service, openid, following = _service(request), _openid(request), own_path(next)
    try:
        begun = await openid.begin(_back(request, service), following, language_of(request))
    except ProviderFailed as error:
        return await _refused(request, following, LoginRefused(Reason.UNUSABLE, str(error)))
    answer = RedirectResponse(begun.url, 303, headers={"Cache-Control": "no-store"})
    for name in _oldest(request):
        _set_begun(answer, request, name, "", 0)
    _set_begun(answer, request, _cookie_of(state_of(begun.cookie)), begun.cookie, LASTS)
    return answer


@router.get(_CALLBACK)
async def finish(request: Request) -> Response:
    """Begin the session of who comes back from the provider."""
    service, openid = _service(request), _openid(request)
    cookie, address = _begun(request), address_in(request.scope)
    following = own_path(following_of(cookie))
    try:
        claims = await openid.finish(request.query_params, cookie, _back(request, service), address)
        caller, before = await run_in_threadpool(_admitted, service, openid, claims)
    except LoginRefused as refusal:
        return await _refused(request, following, refusal)
    session = await run_in_threadpool(service.access.begin_session, caller, address)
    facts = {"role": caller.role.value, "issuer": openid.settings.issuer, "subject": claims["sub"]}
    add = partial(service.access.trail.add, str(caller), address, _ROUTE, after=facts)
    await run_in_threadpool(partial(add, before={"role": before} if before else None))
    answer = await run_in_threadpool(page, request, "login-again.html", again=following)
    _forget(answer, request)
    return with_session(answer, request, session)


@router.get(f"{_PATH}/ended")
async def show_end(request: Request) -> HTMLResponse:
    """Show that the session here has ended, and where the one at the provider ends."""
    service, openid = _service(request), _openid(request)
    end = await openid.end_session(f"{public_home(request, service.settings)}/login")
    return await run_in_threadpool(page, request, "logged-out.html", provider=openid.settings.title, end=end)


def _admitted(service: Service, openid: OpenIdLogin, claims: Mapping[str, object]) -> tuple[Caller, str | None]:
    """Return who logs in, and the role before. Raises LoginRefused."""
    settings = openid.settings
    subject = str(claims["sub"])
    identity, former = identity_of(settings.issuer or "", subject), former_identities(settings, subject)
    name, role = name_of(claims, settings), role_of(claims, settings)
    if role is None:
        known = next(filter(None, map(service.access.shut_out, (identity, *former))), None)
        raise LoginRefused(Reason.NO_ROLE, f"no role belongs to the groups of {known or name}", known)
    try:
        return service.access.admit(identity, name, role, former)
    except NameTaken as error:
        why = f"{error}; remove that person (pressmark user remove {name}), or have the provider send another name"
        raise LoginRefused(Reason.NAME_TAKEN, why) from None


async def _refused(request: Request, following: str, refusal: LoginRefused) -> Response:
    """Show the login page with the reason, and write it into the audit trail."""
    callers: Callers = request.app.state.callers
    status = _STATUS.get(refusal.reason, 403)
    who = f"person {refusal.person}" if refusal.person else "nobody"
    route = _ROUTE if request.scope["path"] == _CALLBACK else f"GET {_PATH}"
    refuse = partial(callers.access.trail.refuse, who, address_in(request.scope), route, refusal.reason.value)
    await run_in_threadpool(partial(refuse, status=status, why=str(refusal)))
    answer = await run_in_threadpool(login_form, request, following, _SENTENCES[refusal.reason], status)
    _forget(answer, request)
    if status == 503:
        answer.headers["Retry-After"] = "60"
    return answer


def _begun(request: Request) -> str | None:
    """Return the cookie of the login that this request ends."""
    return cookie_in(request.headers, _cookie_of(request.query_params.get("state", "")))


def _cookie_of(state: str) -> str:
    return BEGUN + re.sub(r"[^A-Za-z0-9_-]", "", state)[:_LONGEST_NAME]


def _oldest(request: Request) -> list[str]:
    """Return the cookies of logins that make room for a new one."""
    begun = {name: value for name, value in request.cookies.items() if name.startswith(BEGUN)}
    return sorted(begun, key=lambda name: begun_at(begun[name]), reverse=True)[_MOST_BEGUN - 1 :]


def _forget(answer: Response, request: Request) -> None:
    """Delete the cookie of the login that this request ends. Logins in other tabs keep theirs."""
    if request.scope["path"] == _CALLBACK and _begun(request) is not None:
        _set_begun(answer, request, _cookie_of(request.query_params["state"]), "", 0)


def _set_begun(answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=seconds, path=_PATH, httponly=True, samesite="lax", secure=secure)


def _back(request: Request, service: Service) -> str:
    return public_home(request, service.settings) + _CALLBACK


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _openid(request: Request) -> OpenIdLogin:
    """Return the login with OpenID Connect. Raises Refused where there is none."""
    found: OpenIdLogin | None = _service(request).openid
    if found is None:
        raise Refused(404, "this service has no login with OpenID Connect")
    return found
