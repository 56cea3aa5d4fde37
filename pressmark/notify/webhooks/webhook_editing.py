"""Add, change and remove the webhooks of the pages: the same for the pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.groups.page_webhooks import PageWebhook
from config.names import check_name
from pressmark.notify.watches.watch_shapes import watches_of
from pressmark.notify.webhooks.webhook_state import UnknownWebhook
from pressmark.service.service import Service
from pressmark.service.webhook_settings import outbox_of, webhook_of
from scheduler.notices.page_webhooks import PageWebhooks


class WebhookChanged(Exception):
    """A webhook is not in the state that a person began to edit."""

    def __init__(self) -> None:
        super().__init__("another person changed the webhook at the same time; open its page again")


class WebhookExists(ConfigError):
    def __init__(self, name: str) -> None:
        super().__init__(Problem(f"a webhook named {name!r} already exists", suggestion="choose another name"))


class NothingToUndo(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(f"the webhook {name} has no former state, so there is nothing to undo")


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """What was changed, for the audit trail."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


def webhook_from(service: Service, facts: Mapping[str, Any], before: PageWebhook | None = None) -> PageWebhook:
    """Return the webhook of a form. Raises ConfigError, which names the field.

    `url` and `secret` are names of secrets. The sources and the watches must exist, except those that it had
    `before`.
    """
    given = {key: {"secret": value} if key in ("url", "secret") else value for key, value in facts.items()}
    try:
        made = PageWebhook.model_validate(given)
    except ValidationError as error:
        raise ConfigError(*explain(error, PageWebhook, Document(given, None), ())) from None
    service.sources.poll()
    known = {*service.sources.good, *(before.sources if before else ())}
    if unknown := [name for name in made.sources if name not in known]:
        raise ConfigError(Problem(f"no source named {unknown[0]!r}"))
    watches = {*watches_of(service), *(before.watches if before else ())}
    if unknown := [name for name in made.watches if name not in watches]:
        raise ConfigError(Problem(f"no watch named {unknown[0]!r}"))
    webhook_of(made, service.settings.permissions)
    return made


def add_webhook(service: Service, name: str, webhook: PageWebhook) -> WebhookChange:
    """Add a webhook. It gets the events from now on; the same one as was removed also gets those of meanwhile.

    Raises ConfigError: the name is invalid or another webhook has it.
    """
    try:
        check_name(name)
    except ValueError as error:
        raise ConfigError(Problem(str(error))) from None
    if name in service.webhooks.all():
        raise WebhookExists(name)
    if not PageWebhooks(service.database).add(name, webhook, outbox_of(name, "pages")):
        raise WebhookExists(name)
    return WebhookChange(None, _facts(webhook))


def change_webhook(service: Service, name: str, webhook: PageWebhook | None, seen: str) -> WebhookChange:
    """Write a webhook instead of the one with the digest `seen`, or remove it (None). It stays as the former one.

    Raises UnknownWebhook, WebhookChanged; ConfigError for a webhook of the settings.
    """
    before, own = webhook_of_pages(service, name), PageWebhooks(service.database)
    if not own.save(name, webhook, seen):
        raise WebhookChanged
    return WebhookChange(_facts(before), _facts(webhook))


def undo_webhook(service: Service, name: str) -> WebhookChange:
    """Bring a webhook of the pages back to what it was before its last change, or before it was removed.

    Raises NothingToUndo, WebhookChanged; ConfigError for a webhook of the settings, and for a secret that is gone.
    """
    _check_not_in_settings(service, name)
    own = PageWebhooks(service.database)
    former, seen = own.former(name), own.digest(name)
    if former is None or former == own.get(name):
        raise NothingToUndo(name)
    webhook_of(former, service.settings.permissions)
    if name not in service.webhooks.all():
        return add_webhook(service, name, former)
    return change_webhook(service, name, former, seen)


def webhook_of_pages(service: Service, name: str) -> PageWebhook | None:
    """Return a webhook of the pages; None for one that this version can't read.

    Raises UnknownWebhook; ConfigError for a webhook of the settings.
    """
    _check_not_in_settings(service, name)
    if (found := service.webhooks.all().get(name)) is None:
        raise UnknownWebhook(name)
    return found.own


def _check_not_in_settings(service: Service, name: str) -> None:
    found = service.webhooks.all().get(name)
    if found is not None and found.origin == "settings":
        told = f"the webhook {name} is in the settings file"
        raise ConfigError(Problem(told, suggestion="change it there"))


def _facts(webhook: PageWebhook | None) -> dict[str, Any] | None:
    return None if webhook is None else webhook.model_dump(mode="json")
