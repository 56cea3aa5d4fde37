"""The HTTP statuses of the errors of the packages below. Every refusal is problem details, or a page for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from archive.values.errors import (
    ArchiveError,
    CaptureNotFound,
    DamagedRecord,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseRefused,
    DatabaseUnreachable,
    MissingExtra,
    ObjectNotFound,
    OutOfReach,
    PurgeRefused,
    PurgeUnderWay,
    QueryTooLong,
    SpoolFull,
    StoreDenied,
    StoreUnreachable,
)
from archive.values.os_errors import Meaning, meaning_of
from config.errors import ConfigError
from config.load import UnknownSource
from crawler.wire.guard import AddressForbidden
from pressmark.discover.inspect import UnfitUrl
from pressmark.discover.visit import SiteUnreachable
from pressmark.http.problems import Refused, problem
from pressmark.notify.assistant.trial import NoAssistant
from pressmark.notify.watches.subscription_shapes import UnknownSubscription
from pressmark.notify.watches.watch_editing import NoFormerWatch, WatchChanged, WatchExists
from pressmark.notify.watches.watch_shapes import UnknownWatch
from pressmark.notify.webhooks.webhook_editing import NothingToUndo, WebhookChanged, WebhookExists
from pressmark.notify.webhooks.webhook_state import UnknownWebhook
from pressmark.service.access.people import NameTaken, UnknownPerson
from pressmark.service.access.tokens import UnknownToken
from pressmark.service.redaction import redaction
from pressmark.service.source_editing import SecretsInText, SourceExists
from pressmark.views.feeds import UnknownCollection
from pressmark.views.review.snapshot_notes import NoteChanged
from scheduler.ledger.batches import BatchIsOver, UnknownBatch
from scheduler.ledger.holds import UnknownHold
from scheduler.ledger.take_downs import UnknownTakeDown
from scheduler.run import RunOver, UnknownRun

STATUS: Mapping[type[Exception], int] = {
    UnknownSource: 404,
    UnknownCollection: 404,
    UnknownWebhook: 404,
    WebhookChanged: 409,
    WebhookExists: 409,
    NothingToUndo: 409,
    UnknownWatch: 404,
    WatchChanged: 409,
    WatchExists: 409,
    NoFormerWatch: 409,
    UnknownSubscription: 404,
    NoAssistant: 404,
    UnknownPerson: 404,
    UnknownToken: 404,
    UnknownTakeDown: 404,
    UnknownHold: 404,
    UnknownBatch: 404,
    BatchIsOver: 409,
    NameTaken: 409,
    SourceExists: 409,
    SecretsInText: 403,
    ConfigError: 422,
    UnknownRun: 404,
    RunOver: 409,
    NoteChanged: 409,
    CaptureNotFound: 404,
    ObjectNotFound: 502,
    OutOfReach: 502,
    StoreUnreachable: 503,
    DatabaseUnreachable: 503,
    QueryTooLong: 503,
    DatabaseFull: 507,
    DatabaseRefused: 502,
    DatabaseDamaged: 503,
    StoreDenied: 502,
    DamagedRecord: 502,
    SpoolFull: 507,
    MissingExtra: 501,
    PurgeRefused: 409,
    PurgeUnderWay: 409,
    ArchiveError: 500,
    AddressForbidden: 403,
    SiteUnreachable: 422,
    UnfitUrl: 422,
    ValueError: 422,
}
"""The nearest class of an error decides its status; an unknown error is our own fault: 500."""

_REFUSED: Mapping[Meaning, int] = {
    Meaning.FULL: 507,
    Meaning.READ_ONLY: 507,
    Meaning.NO_FILES: 503,
    Meaning.DENIED: 500,
    Meaning.BROKEN: 500,
}
"""What the operating system refuses. The client may have asked to read: only for want of space is it 507 (RFC 4918)."""

log = logging.getLogger(__name__)


def status_of(error: Exception) -> int:
    return next((STATUS[ancestor] for ancestor in type(error).__mro__ if ancestor in STATUS), 500)


def add_error_handlers(app: FastAPI) -> None:
    """Make every error of a route an answer."""
    app.add_exception_handler(Exception, _error_response)
    for kind in (*STATUS, Refused, OSError):
        app.add_exception_handler(kind, _error_response)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _error_response(request: Request, error: Exception) -> Response:
    status, sentence = explained(error, request.url.path)
    headers = error.headers if isinstance(error, Refused) else {}
    return await refusal(request, status, sentence, headers)


def explained(error: Exception, path: str) -> tuple[int, str]:
    """Return the status of an error, and the sentence for its reader. Log what the administrator has to know.

    `path` is that of the request.
    """
    if isinstance(error, OSError) and (meaning := meaning_of(error)) is not None:
        log.error("the system refused a request", extra={"path": path, "reason": str(error)})
        return _REFUSED[meaning], f"{error.filename or 'the disk'}: {error.strerror}"
    status = error.status if isinstance(error, Refused) else status_of(error)
    if status == 500:
        log.error("a request failed", exc_info=error, extra={"path": path})
        return status, (
            "an internal error happened; try again; if it happens again, tell the administrator, who finds the "
            "details in the log of the service"
        )
    return status, redaction.text(str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = "page not found" if error.status_code == 404 else str(error.detail)
    return await refusal(request, error.status_code, sentence, error.headers or {})


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {"in": ".".join(str(step) for step in found["loc"]), "detail": str(found["msg"])} for found in error.errors()
    ]
    told = "; ".join(f"{one['in']}: {one['detail']}" for one in wrong)
    return await refusal(request, 422, told, {}, errors=wrong)


async def refusal(request: Request, status: int, sentence: str, headers: Mapping[str, str], **more: object) -> Response:
    """Return problem details, or a page for a browser that did not ask the API."""
    if "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/"):
        from pressmark.http.render import problem_page

        shown = await run_in_threadpool(problem_page, request, status, sentence)
        shown.headers.update(headers)
        return shown
    return problem(status, sentence, headers=headers, **more)
