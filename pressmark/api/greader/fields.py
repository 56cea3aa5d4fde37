"""What clients of the Google Reader API send."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import Request

MOST = 1000
"""Items of one answer, or of one change."""
Fields = dict[str, list[str]]


async def fields_of(request: Request) -> Fields:
    """Return the fields of the body and of the address: clients use both."""
    body = (await request.body()).decode(errors="replace")
    return parse_qs(f"{request.url.query}&{body}", max_num_fields=MOST + 20)


def one(fields: Fields, name: str) -> str:
    """Return the last value of a field; an empty one if it was not sent."""
    return fields.get(name, [""])[-1]
