"""The state of a service's webhooks, as all doors show it, without URL and secret."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

from config.groups.webhooks import Webhook
from pressmark.discover.drafted_source import user_agent
from pressmark.notify.webhooks.dispatch import Sender
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.notices.outbox import Message, Outbox, State, WebhookState


class UnknownWebhook(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"the settings contain no webhook named {name!r}")


class WebhookShape(Shape):
    """A program that is notified of events."""

    name: str
    host: str
    """The host of its URL; the rest may be a secret."""
    events: list[str]
    """The events that it gets."""
    sources: list[str]
    """The sources whose events it gets; empty for all."""
    disabled_at: datetime | None
    reason: str | None
    """Why it gets nothing."""
    waiting: int
    """Messages that it has not accepted yet."""
    delivered: int
    """Messages of the last seven days."""
    given_up: int
    delivered_at: datetime | None
    """When it last accepted a message, within those seven days."""
    answer: str | None
    """The result of the last attempt with the newest message."""


class MessageShape(Shape):
    """A message to a webhook."""

    message: str
    """Its webhook-id."""
    kind: str
    state: State
    attempts: int
    """The number of failed attempts."""
    noted_at: datetime
    next_at: datetime | None
    """When it is sent again; null when it is not."""
    ended_at: datetime | None
    answer: str | None
    """The result of the last attempt."""


class TriedShape(Shape):
    """The result of a test."""

    taken: bool
    status: int | None
    sentence: str


def webhook_shapes(service: Service) -> list[WebhookShape]:
    outbox = Outbox(service.database)
    return [
        _shape(name, webhook, outbox.standing(name)) for name, webhook in sorted(service.webhooks.current().items())
    ]


def webhook_shape(service: Service, name: str) -> WebhookShape:
    """Return the state of a webhook. Raises UnknownWebhook."""
    return _shape(name, known(service, name), Outbox(service.database).standing(name))


def message_shapes(service: Service, name: str, limit: int = 20) -> list[MessageShape]:
    """Return the newest messages to a webhook. Raises UnknownWebhook."""
    known(service, name)
    return [_message(message) for message in Outbox(service.database).latest(name, limit)]


def try_webhook(service: Service, name: str) -> TriedShape:
    """Send a test message. Raises UnknownWebhook."""
    sender = Sender(known(service, name), user_agent=user_agent(service.settings))
    answered = asyncio.run(sender.test(name, service.now()))
    return TriedShape(taken=answered.accepted, status=answered.status, sentence=answered.sentence)


def enable_webhook(service: Service, name: str) -> WebhookShape:
    """Enable a webhook; messages that were given up are sent first. Raises UnknownWebhook."""
    known(service, name)
    Outbox(service.database).enable(name, service.now())
    return webhook_shape(service, name)


def known(service: Service, name: str) -> Webhook:
    """Return the settings of a webhook. Raises UnknownWebhook."""
    if (webhook := service.webhooks.current().get(name)) is None:
        raise UnknownWebhook(name)
    return webhook


def _shape(name: str, webhook: Webhook, standing: WebhookState) -> WebhookShape:
    return WebhookShape(
        name=name,
        host=urlsplit(webhook.url.get_secret_value() if webhook.url else "").hostname or "",
        events=list(webhook.events),
        sources=list(webhook.sources),
        **asdict(standing),
    )


def _message(message: Message) -> MessageShape:
    known = {name: value for name, value in asdict(message).items() if name in MessageShape.model_fields}
    waits = message.state == "waiting"
    moments = {"next_at": message.next_at if waits else None, "ended_at": None if waits else message.ended_at}
    return MessageShape(**known | moments)
