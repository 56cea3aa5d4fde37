"""Forms as browsers send them: application/x-www-form-urlencoded, small."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

from pressmark.http.problems import Refused

_LONGEST = 64 * 1024


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form, the last value of each. Raises Refused for an invalid form."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refused(415, "a form is required")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST:
            raise Refused(413, "the form is too long")
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Refused(422, "invalid form") from None
    return {name: values[-1] for name, values in fields.items()}
