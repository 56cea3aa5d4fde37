"""The webhooks, the states of their messages, and their buttons."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.notify.webhooks.webhook_state import (
    enable_webhook,
    message_shapes,
    try_webhook,
    webhook_shape,
    webhook_shapes,
)

router = Part(include_in_schema=False)

STATES = (N_("waiting"), N_("delivered"), N_("given-up"), N_("disabled"), N_("enabled"))


@router.get("/webhooks")
def webhooks(request: Request, service: Desk) -> HTMLResponse:
    return page(request, "webhooks.html", webhooks=webhook_shapes(service))


@router.get("/webhooks/{name}")
def webhook(request: Request, name: str, service: Desk) -> HTMLResponse:
    shape = webhook_shape(service, name)
    return page(request, "webhook.html", webhook=shape, messages=message_shapes(service, name), tested=None)


@router.post("/webhooks/{name}/test")
def test(request: Request, name: str, service: Desk) -> HTMLResponse:
    tested = try_webhook(service, name)
    shape = webhook_shape(service, name)
    return page(request, "webhook.html", webhook=shape, messages=message_shapes(service, name), tested=tested)


@router.post("/webhooks/{name}/enable")
def enable(name: str, service: Desk) -> RedirectResponse:
    enable_webhook(service, name)
    return RedirectResponse(f"/webhooks/{name}", 303)
