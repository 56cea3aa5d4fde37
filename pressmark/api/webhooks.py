"""/api/v1/webhooks: who is told what happened, and how that goes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from pressmark.http.dependencies import Desk
from pressmark.notify.webhooks.standing import (
    MessageShape,
    TriedShape,
    WebhookShape,
    enable_webhook,
    message_shapes,
    try_webhook,
    webhook_shape,
    webhook_shapes,
)
from pressmark.views.shapes import Listing

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])


@router.get("")
def list_webhooks(service: Desk) -> Listing[WebhookShape]:
    """The webhooks that the settings name, with what waits for them."""
    return Listing(items=webhook_shapes(service))


@router.get("/{name}")
def show_webhook(name: str, service: Desk) -> WebhookShape:
    return webhook_shape(service, name)


@router.get("/{name}/messages")
def list_messages(name: str, service: Desk, limit: Annotated[int, Query(ge=1, le=1000)] = 20) -> Listing[MessageShape]:
    """The newest messages to a webhook, and what became of them."""
    return Listing(items=message_shapes(service, name, limit))


@router.post("/{name}/test")
def test(name: str, service: Desk) -> TriedShape:
    """Send a message of the type `webhook.test`, once, and tell what came of it."""
    return try_webhook(service, name)


@router.post("/{name}/enable")
def enable(name: str, service: Desk) -> WebhookShape:
    """Tell a disabled webhook again, what waits and what was given up first."""
    return enable_webhook(service, name)
