"""Remember how a reader wants lists to look."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse

from pressmark.http.dependencies import Part
from pressmark.http.reader import look_cookie
from pressmark.http.words import LOOKS
from pressmark.web.forms import form
from pressmark.web.logins.login import own_path

_YEAR = 365 * 24 * 3600

router = Part(include_in_schema=False)


@router.post("/sources/look")
async def look(request: Request) -> RedirectResponse:
    """Remember the choices of a form in cookies, and go back. An unknown value changes nothing."""
    fields = await form(request)
    answer = RedirectResponse(own_path(fields.get("next", "/sources")), 303)
    for what, values in LOOKS.items():
        if (chosen := fields.get(what, "")) in values:
            answer.set_cookie(look_cookie(what), chosen, max_age=_YEAR, path="/", httponly=True, samesite="strict")
    return answer
