"""Problem details (RFC 9457): the form of every refusal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
WITHHELD = "withheld"
"""The state of a request that says why lists of captures are empty; not there if they are not."""


def problem(status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """Build a refusal from a sentence; `more` are facts of this kind of problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return Response(json.dumps(body, default=str), status, headers=headers, media_type=MEDIA_TYPE)


class Refused(Exception):
    """A request refused by its route."""

    def __init__(self, status: int, sentence: str, **headers: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers
