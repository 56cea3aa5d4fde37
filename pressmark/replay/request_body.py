"""Requests of a scene's page with a method other than GET: nothing leaves, the archived response is returned."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from archive.retrieval.answers import LONGEST_BODY, SentRequest
from archive.values.errors import ArchiveError, CaptureNotFound
from pressmark.http.place import Place, memento_headers
from pressmark.service.service import Service

METHODS = ("POST", "PUT", "PATCH", "DELETE")


async def sent_by(request: Request, url: str) -> SentRequest | None:
    """Return the request that a page means to send to a URL; None if its body is longer than any that is searched."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_BODY:
            return None
    return SentRequest(request.method, url, body)


def archived_response(service: Service, sent: SentRequest | None, at: datetime, place: Place) -> Response:
    """Return what the site answered to a request with this method and body; 405 if that is not archived."""
    with suppress(CaptureNotFound, ArchiveError, ValueError):
        if sent is not None:
            with service.archive.answer_to(sent, at, place.collection) as found:
                status = found.status if found.status and 200 <= found.status < 600 else 200
                answer = Response(found.payload().body, status, media_type=found.content_type)
                answer.headers.update(memento_headers(found, place))
                return answer
    return PlainTextResponse("Nothing is sent.", 405)
