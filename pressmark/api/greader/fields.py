"""What clients of the Google Reader API send."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qs

from fastapi import Request

MOST = 1000
"""Items of one answer, or of one change."""
Fields = dict[str, list[str]]


async def fields_of(request: Request) -> Fields:
    """Return the fields of the body and of the address: clients use both."""
    body = (await request.body()).decode(errors="replace")
    return parse_qs(f"{request.url.query}&{body}", max_num_fields=MOST + 20)


def is_label(tag: str) -> bool:
    """Return whether a tag of a client is a label; the number of a user may stand in the place of ``-``."""
    return tag.count("/") >= 3 and tag.split("/")[2] == "label"


def labels_in(tags: Iterable[str]) -> list[str]:
    """Return the names of the labels among the tags of a client."""
    return [tag.split("/", 3)[3].strip() for tag in tags if is_label(tag)]


def one(fields: Fields, name: str) -> str:
    """Return the last value of a field; an empty one if it was not sent."""
    return fields.get(name, [""])[-1]
