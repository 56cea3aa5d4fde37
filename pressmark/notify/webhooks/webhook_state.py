"""The state of a service's webhooks, as all doors show it, without URL and secret."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

from pressmark.discover.drafted_source import user_agent
from pressmark.notify.webhooks.dispatch import Sender
from pressmark.service.service import Service
from pressmark.service.webhook_settings import FoundWebhook, outbox_of
from pressmark.views.shapes import Shape
from scheduler.notices.outbox import Message, Outbox, State, WebhookState
from scheduler.notices.page_webhooks import PageWebhooks


class UnknownWebhook(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"no webhook named {name!r}")


class WebhookShape(Shape):
    """A program that is notified of events."""

    name: str
    host: str
    """The host of its URL; the rest may be a secret. Empty while the URL is not known."""
    in_settings: bool
    """Whether it is in the settings; otherwise it can be changed in the pages."""
    problem: str | None
    """Why nothing can be sent to it now; its messages wait."""
    url_name: str | None
    """The name of the secret that holds its URL; null for a webhook of the settings."""
    secret_name: str | None
    """The name of the secret that holds its signing key; null for a webhook of the settings."""
    version: str | None
    """A digest of what is written in the pages, for If-Match of a change; null for a webhook of the settings."""
    events: list[str]
    """The events that it gets."""
    sources: list[str]
    """The sources whose events it gets; empty for all."""
    watches: list[str]
    """The watches whose sentences it gets; empty for all."""
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
    return [_shape(service, name, found) for name, found in service.webhooks.all().items()]


def webhook_shape(service: Service, name: str) -> WebhookShape:
    """Return the state of a webhook. Raises UnknownWebhook."""
    return _shape(service, name, known(service, name))


def message_shapes(service: Service, name: str, limit: int = 20) -> list[MessageShape]:
    """Return the newest messages to a webhook. Raises UnknownWebhook."""
    outbox = outbox_of(name, known(service, name).origin)
    return [_message(message) for message in Outbox(service.database).latest(outbox, limit)]


def try_webhook(service: Service, name: str) -> TriedShape:
    """Send a test message. Raises UnknownWebhook."""
    found = known(service, name)
    if found.webhook is None:
        return TriedShape(taken=False, status=None, sentence=found.problem or "")
    sender = Sender(found.webhook, user_agent=user_agent(service.settings))
    answered = asyncio.run(sender.test(name, service.now()))
    return TriedShape(taken=answered.accepted, status=answered.status, sentence=answered.sentence)


def enable_webhook(service: Service, name: str) -> WebhookShape:
    """Enable a webhook; messages that were given up are sent first. Raises UnknownWebhook."""
    Outbox(service.database).enable(outbox_of(name, known(service, name).origin), service.now())
    return webhook_shape(service, name)


def known(service: Service, name: str) -> FoundWebhook:
    """Return a webhook. Raises UnknownWebhook."""
    if (found := service.webhooks.all().get(name)) is None:
        raise UnknownWebhook(name)
    return found


def _shape(service: Service, name: str, found: FoundWebhook) -> WebhookShape:
    url, own, wanted = found.webhook and found.webhook.url, found.own, found.webhook or found.own
    standing: WebhookState = Outbox(service.database).standing(outbox_of(name, found.origin))
    return WebhookShape(
        name=name,
        host=urlsplit(url.get_secret_value() if url else "").hostname or "",
        in_settings=found.origin == "settings",
        problem=found.problem,
        url_name=own.url.secret if own else None,
        secret_name=own.secret.secret if own else None,
        version=None if found.origin == "settings" else PageWebhooks(service.database).digest(name),
        events=list(wanted.events) if wanted else [],
        sources=list(wanted.sources) if wanted else [],
        watches=list(wanted.watches) if wanted else [],
        **asdict(standing),
    )


def _message(message: Message) -> MessageShape:
    known = {name: value for name, value in asdict(message).items() if name in MessageShape.model_fields}
    waits = message.state == "waiting"
    moments = {"next_at": message.next_at if waits else None, "ended_at": None if waits else message.ended_at}
    return MessageShape(**known | moments)
