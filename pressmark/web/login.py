"""The login of people: the token into a form, a session in a cookie. And the reader's language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pressmark.http.catalog import COOKIE as LANGUAGE
from pressmark.http.catalog import LANGUAGES
from pressmark.http.render import page
from pressmark.http.sessions import COOKIE, Sessions
from pressmark.http.stage.seals import LASTS
from pressmark.http.words import N_
from pressmark.web.forms import form

_YEAR = 365 * 24 * 3600
_WRONG, _LATER = (
    N_("Wrong token."),
    N_("Login is blocked for everyone after too many wrong tokens. Try again in %(minutes)s min."),
)

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, next: str = "/", again: bool = False) -> Response:
    """Show the form.

    A caller that follows a link of another site must come again from here, because only then does the browser send the
    session cookie. An address that acts on GET is not followed: it asks for the token.
    """
    sessions: Sessions | None = request.app.state.sessions
    following = _own(next)
    if sessions is None or following.startswith("/save/"):
        return _ask(request, following)
    if sessions.valid(request.headers.get("cookie", "")):
        return RedirectResponse(following, 303)
    if request.headers.get("sec-fetch-site") == "cross-site" and not again:
        return page(request, "login-again.html", again=f"/login?{urlencode({'next': following, 'again': 1})}")
    return _ask(request, following)


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Start a session for the token."""
    sessions: Sessions | None = request.app.state.sessions
    fields = await form(request)
    following = _own(fields.get("next", "/"))
    if sessions is None:
        return RedirectResponse(following, 303)
    if wait := sessions.wait():
        minutes = int(wait.total_seconds() // 60) + 1
        answer = await run_in_threadpool(_ask, request, following, _LATER, 429, minutes)
        answer.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return answer
    if not sessions.admits(fields.get("token", "")):
        sessions.failed()
        return await run_in_threadpool(_ask, request, following, _WRONG, 401)
    return _with_session(RedirectResponse(following, 303), request, sessions.cookie())


@router.post("/logout")
async def log_out() -> Response:
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remember the reader's language."""
    fields = await form(request)
    answer = RedirectResponse(_own(fields.get("next", "/")), 303)
    if (chosen := fields.get("language", "")) in LANGUAGES:
        answer.set_cookie(LANGUAGE, chosen, max_age=_YEAR, path="/", httponly=True, samesite="strict")
    return answer


def _ask(request: Request, following: str, refused: str = "", status: int = 200, minutes: int = 0) -> HTMLResponse:
    facts: dict[str, Any] = {"refused": refused, "minutes": minutes, "following": _own(following)}
    return page(request, "login.html", status=status, **facts)


def _with_session(answer: Response, request: Request, cookie: str) -> Response:
    seconds, secure = int(LASTS.total_seconds()), request.url.scheme == "https"
    answer.set_cookie(COOKIE, cookie, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)
    return answer


def _own(path: str) -> str:
    """Return a path of ours to redirect to; the front page for anything that could lead elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
