"""Forms as browsers send them: application/x-www-form-urlencoded, small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import Request

from pressmark.http.problems import Refused

_LONGEST = 64 * 1024
_FIELDS = 50


async def form(request: Request, longest: int = _LONGEST) -> dict[str, str]:
    """Return the fields of a form of at most `longest` bytes, the last value of each. Raises Refused."""
    return {name: values[-1] for name, values in (await form_lists(request, longest)).items()}


async def form_lists(request: Request, longest: int = _LONGEST, fields: int = _FIELDS) -> Mapping[str, Sequence[str]]:
    """Return all values of the fields of a form, which has at most `fields` of them. Raises Refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, "a form is required")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            raise Refused(413, "the form is too long")
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=fields)
    except ValueError:
        raise Refused(422, "invalid form") from None
