"""Settings of notifications about sources that become blocked or free again."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from config.groups.group import Group
from config.groups.webhooks import Destination
from config.values.urls import Network

SECRETS = (
    ("notify", "mail", "password"),
    ("notify", "webhook", "url"),
    ("notify", "webhook", "secret"),
    ("notify", "apprise", "urls"),
)
"""The secret settings: each can be in a file, named by the key with ``_file``."""


class Mail(Group):
    """Notifications by mail; on if a server and a recipient are set."""

    server: str | None = None
    """The host of the mail server."""
    port: int = Field(default=587, ge=1, le=65535)
    """Its port."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """starttls: encrypt before sending; tls: encrypt from the start; none: never encrypt."""
    user: str | None = None
    """User name; default: no login."""
    password: SecretStr | None = None
    """The password of the user."""
    password_file: Path | None = None
    """A file that holds the password."""
    sender: str = "pressmark@localhost"
    """Sender address."""
    to: str = ""
    """Recipient addresses, separated by commas."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.server and not self.recipients:
            raise ValueError("a mail server is set, but no recipient; set to")
        return self

    @property
    def recipients(self) -> list[str]:
        return [address for each in self.to.split(",") if (address := each.strip())]


class Webhook(Group):
    """Notifications by HTTP POST of JSON; on if a URL is set."""

    url: Destination | None = None
    """URL to send notifications to."""
    url_file: Path | None = None
    """A file that holds the URL."""
    secret: SecretStr | None = None
    """The key of the signature in X-Pressmark-Signature: HMAC-SHA-256 of the body."""
    secret_file: Path | None = None
    """A file that holds the key."""
    addresses: tuple[Network, ...] = ()
    """Private networks (CIDR) that the webhook may be in."""


class Apprise(Group):
    """Notifications by any service of Apprise; on if URLs are set. They need the extra `apprise`."""

    urls: SecretStr | None = None
    """Service URLs, separated by spaces."""
    urls_file: Path | None = None
    """A file that holds the URLs."""


class Notify(Group):
    """Notifications when a source becomes blocked and when it is free again: one per change."""

    mail: Mail = Mail()
    webhook: Webhook = Webhook()
    apprise: Apprise = Apprise()
