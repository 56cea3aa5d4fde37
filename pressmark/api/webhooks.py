"""/api/v1/webhooks: the webhooks and their deliveries."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, Field

from config.groups.webhooks import KINDS, Kind
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.notify.webhooks.webhook_editing import (
    WebhookChange,
    WebhookChanged,
    add_webhook,
    change_webhook,
    undo_webhook,
    webhook_from,
    webhook_of_pages,
)
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
    """List the webhooks, with the number of messages that wait to be sent to each."""
    return Listing(items=webhook_shapes(service))


@router.get("/{name}")
def show_webhook(name: str, service: Desk) -> WebhookShape:
    """Show a webhook."""
    return webhook_shape(service, name)


class NewWebhook(BaseModel):
    """A webhook. Its URL and its signing key are secrets of the operator, and stand here by their names."""

    url_name: Annotated[str, Field(max_length=200)]
    """The name of the secret that holds the URL of the receiver."""
    secret_name: Annotated[str, Field(max_length=200)]
    """The name of the secret that holds the signing key (whsec_…)."""
    events: Annotated[tuple[Kind, ...], Field(min_length=1)] = KINDS
    """The events that it gets; default: all."""
    sources: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    """The sources whose events it gets; empty for all."""
    watches: Annotated[tuple[str, ...], Field(max_length=1000)] = ()
    """The watches whose sentences (`watch.matched`) it gets; empty for all."""


@router.put("/{name}")
def write_webhook(
    name: str,
    new: NewWebhook,
    service: Desk,
    request: Request,
    response: Response,
    *,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> WebhookShape:
    """Add a webhook, or replace it. It gets the events from now on.

    To replace one, send the header If-Match with its `version`. A webhook in the settings file can't be changed here.
    """
    is_new = name not in service.webhooks.all()
    before = None if is_new else webhook_of_pages(service, name)
    if if_match is None and not is_new:
        raise Refused(428, "the webhook exists already: send the header If-Match with its version")
    if if_match is not None and is_new:
        raise Refused(412, "there is no webhook of this name: leave out the header If-Match to add one")
    chosen = {"events": new.events, "sources": new.sources, "watches": new.watches}
    facts = {"url": new.url_name, "secret": new.secret_name, **chosen}
    made = webhook_from(service, facts, before)
    if is_new:
        change = add_webhook(service, name, made)
        response.status_code = 201
    else:
        try:
            change = change_webhook(service, name, made, (if_match or "").strip().removeprefix('"').removesuffix('"'))
        except WebhookChanged as error:
            raise Refused(412, str(error)) from None
    _note(request, name, change)
    return webhook_shape(service, name)


@router.delete("/{name}", status_code=204)
def remove_webhook(name: str, service: Desk, request: Request) -> None:
    """Remove a webhook. It gets nothing more. `undo` brings it back."""
    webhook_of_pages(service, name)
    version = webhook_shape(service, name).version or ""
    _note(request, name, change_webhook(service, name, None, version))


@router.post("/{name}/undo")
def undo(name: str, service: Desk, request: Request) -> WebhookShape:
    """Undo the last change of a webhook, or its removal. A webhook that was removed then also gets what happened
    meanwhile."""
    _note(request, name, undo_webhook(service, name))
    return webhook_shape(service, name)


def _note(request: Request, name: str, change: WebhookChange) -> None:
    note(request, target=name, before=change.before, after=change.after)


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
