"""How the webhooks of a service stand, as all doors tell it. Neither URL nor secret is told."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from config.webhooks import Webhook
from pressmark.discover.adding import user_agent
from pressmark.notify.webhooks.dispatch import Sender
from pressmark.service.service import Service
from pressmark.views.shapes import Shape
from scheduler.outbox import Message, Outbox, Standing


class UnknownWebhook(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no webhook named {name!r} in the settings")


class WebhookShape(Shape):
    """A program that is told what happened."""

    name: str
    host: str
    """Of its URL; the rest may be a secret."""
    events: list[str]
    """What it is told of."""
    sources: list[str]
    """Of which sources; empty for all."""
    disabled_at: datetime | None
    reason: str | None
    """Why it is told nothing."""
    waiting: int
    """Messages that it has not taken yet."""
    delivered: int
    """Of the last seven days."""
    given_up: int
    delivered_at: datetime | None
    """When it last took a message, within those seven days."""
    answer: str | None
    """What came of sending it the newest message that was sent."""


class MessageShape(Shape):
    """A message to a webhook."""

    message: str
    """Its webhook-id."""
    kind: str
    state: Literal["waiting", "delivered", "given-up"]
    attempts: int
    """How often it was sent in vain."""
    noted_at: datetime
    next_at: datetime | None
    """When it is sent again; null when it is not."""
    ended_at: datetime | None
    answer: str | None
    """What came of the last attempt."""


class TriedShape(Shape):
    """What came of a test."""

    taken: bool
    status: int | None
    sentence: str


def webhook_shapes(service: Service) -> list[WebhookShape]:
    outbox = Outbox(service.database)
    return [
        _shape(name, webhook, outbox.standing(name)) for name, webhook in sorted(service.webhooks.current().items())
    ]


def webhook_shape(service: Service, name: str) -> WebhookShape:
    """Raises UnknownWebhook."""
    return _shape(name, known(service, name), Outbox(service.database).standing(name))


def message_shapes(service: Service, name: str, limit: int = 20) -> list[MessageShape]:
    """The newest messages to a webhook. Raises UnknownWebhook."""
    known(service, name)
    return [_message(message) for message in Outbox(service.database).latest(name, limit)]


def try_webhook(service: Service, name: str) -> TriedShape:
    """Send a test message. Raises UnknownWebhook."""
    sender = Sender(known(service, name), user_agent=user_agent(service.settings))
    answered = asyncio.run(sender.test(name, service.now()))
    return TriedShape(taken=answered.taken, status=answered.status, sentence=answered.sentence)


def enable_webhook(service: Service, name: str) -> WebhookShape:
    """Tell it again, what was given up first. Raises UnknownWebhook."""
    known(service, name)
    Outbox(service.database).enable(name, service.now())
    return webhook_shape(service, name)


def known(service: Service, name: str) -> Webhook:
    """Raises UnknownWebhook."""
    if (webhook := service.webhooks.current().get(name)) is None:
        raise UnknownWebhook(name)
    return webhook


def _shape(name: str, webhook: Webhook, standing: Standing) -> WebhookShape:
    return WebhookShape(
        name=name,
        host=urlsplit(webhook.url.get_secret_value() if webhook.url else "").hostname or "",
        events=list(webhook.events),
        sources=list(webhook.sources),
        disabled_at=standing.disabled_at,
        reason=standing.reason,
        waiting=standing.waiting,
        delivered=standing.delivered,
        given_up=standing.given_up,
        delivered_at=standing.delivered_at,
        answer=standing.answer,
    )


def _message(message: Message) -> MessageShape:
    return MessageShape(
        message=message.message,
        kind=message.kind,
        state=message.state,
        attempts=message.attempts,
        noted_at=message.noted_at,
        next_at=message.next_at if message.state == "waiting" else None,
        ended_at=message.ended_at,
        answer=message.answer,
    )
