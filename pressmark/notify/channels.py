"""The channels of notifications: those of the settings, and those that people set up in the pages.

A channel of the settings counts, and not one of the same name of the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import SecretStr, TypeAdapter, ValidationError

from config.errors import ConfigError, Problem
from config.groups.notify import Apprise, Notify, Webhook
from config.groups.page_channels import CHANNELS, AppriseChannel, Channel, ChannelName, MailChannel, WebhookChannel
from config.groups.permissions import Permissions
from config.groups.webhooks import Destination
from pressmark.notify.guarded_mail import GuardedMail
from pressmark.service.service import Service
from scheduler.notices.page_channels import PageChannels

Origin = Literal["settings", "pages"]
_UNREADABLE = "this version of Pressmark can't read the channel; remove it, and set it up again"


@dataclass(slots=True)
class Channels:
    """All channels as they are now."""

    notify: Notify
    """As the settings would have them. A channel with a problem is not in it."""
    origins: dict[str, Origin] = field(default_factory=dict)
    """Where each configured channel comes from."""
    problems: dict[str, str] = field(default_factory=dict)
    """Why nothing can be sent by a channel of the pages, as a sentence."""


def channels_of(service: Service) -> Channels:
    """Return the channels. Raises DatabaseUnusable."""
    found = Channels(service.settings.notify)
    found.origins |= dict.fromkeys(configured(found.notify), "settings")
    own = PageChannels(service.database)
    for name in own.unreadable():
        if name not in found.origins:
            found.origins[name], found.problems[name] = "pages", _UNREADABLE
    for name, channel in own.all().items():
        if name in found.origins:
            continue
        found.origins[name] = "pages"
        try:
            part = as_settings(channel, service.settings.permissions)
        except ConfigError as error:
            found.problems[name] = str(error)
        else:
            found.notify = found.notify.model_copy(update={name: part})
    return found


def configured(notify: Notify) -> list[ChannelName]:
    """Return the channels that settings configure."""
    there = {
        "mail": notify.mail.server is not None,
        "webhook": notify.webhook.url is not None,
        "apprise": notify.apprise.urls is not None,
    }
    return [name for name in CHANNELS if there[name]]


def as_settings(channel: Channel, permissions: Permissions) -> GuardedMail | Webhook | Apprise:
    """Return a channel with its secrets. Raises ConfigError: a secret is not permitted, not there, or no URL."""
    allow = permissions.allow.addresses
    match channel:
        case MailChannel():
            password = SecretStr(permissions.reveal(channel.password)) if channel.password else None
            facts = channel.model_dump(exclude={"password"})
            return GuardedMail(**facts, password=password, allow=allow)
        case WebhookChannel():
            url = _destination(permissions.reveal(channel.url), channel.url.secret)
            secret = SecretStr(permissions.reveal(channel.secret)) if channel.secret else None
            return Webhook(url=url, secret=secret, addresses=allow)
        case AppriseChannel():
            return Apprise(urls=SecretStr(permissions.reveal(channel.urls)))


def _destination(url: str, name: str) -> SecretStr:
    try:
        return TypeAdapter[SecretStr](Destination).validate_python(url)
    except ValidationError:
        raise ConfigError(Problem(f"the secret {name} is not the URL of a webhook")) from None
