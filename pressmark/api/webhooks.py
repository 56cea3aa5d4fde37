"""/api/v1/webhooks: the webhooks and their deliveries."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from pressmark.http.dependencies import Desk, Part
from pressmark.notify.webhooks.webhook_state import (
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

router = Part(prefix="/api/v1/webhooks", tags=["webhooks"])


@router.get("")
def list_webhooks(service: Desk) -> Listing[WebhookShape]:
    """List the webhooks in the settings, with the number of messages that wait to be sent."""
    return Listing(items=webhook_shapes(service))


@router.get("/{name}")
def show_webhook(name: str, service: Desk) -> WebhookShape:
    """Show a webhook."""
    return webhook_shape(service, name)


@router.get("/{name}/messages")
def list_messages(name: str, service: Desk, limit: Annotated[int, Query(ge=1, le=1000)] = 20) -> Listing[MessageShape]:
    """List the newest messages to a webhook, and whether each was delivered."""
    return Listing(items=message_shapes(service, name, limit))


@router.post("/{name}/test")
def test(name: str, service: Desk) -> TriedShape:
    """Send one test message (type `webhook.test`) to a webhook, and return the result."""
    return try_webhook(service, name)


@router.post("/{name}/enable")
def enable(name: str, service: Desk) -> WebhookShape:
    """Enable a disabled webhook, so that Pressmark sends messages to it again. Messages that are waiting, and messages
    that Pressmark had stopped trying to send, are sent first."""
    return enable_webhook(service, name)
