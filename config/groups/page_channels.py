"""Channels of notifications that people set up in the pages. Their secrets are names: the operator permits them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.groups.group import Group
from config.values.secret import Secret

ChannelName = Literal["mail", "webhook", "apprise"]


def _one_line(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("write one line, without spaces around it")
    return value


def _host(value: str) -> str:
    if any(each.isspace() or each in "/@:" for each in value):
        raise ValueError("write the name of the mail server alone, such as mail.example.org")
    return value


def _address(value: str) -> str:
    if value.count("@") != 1 or any(map(str.isspace, value)):
        raise ValueError(f"{value[:80]!r} is not an e-mail address")
    return value


def _addresses(value: str) -> str:
    addresses = [each.strip() for each in value.split(",") if each.strip()]
    if not addresses:
        raise ValueError("give at least one recipient")
    return ", ".join(map(_address, addresses))


Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]


class MailChannel(Group):
    """Notifications by mail."""

    server: Annotated[Line, Field(min_length=1), AfterValidator(_host)]
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: Line | None = None
    password: Secret | None = None
    sender: Annotated[Line, AfterValidator(_address)] = "pressmark@localhost"
    to: Annotated[str, Field(max_length=2000), AfterValidator(_one_line), AfterValidator(_addresses)]


class WebhookChannel(Group):
    """Notifications by HTTP POST of JSON."""

    url: Secret
    secret: Secret | None = None


class AppriseChannel(Group):
    """Notifications by the services of Apprise."""

    urls: Secret


Channel = MailChannel | WebhookChannel | AppriseChannel
CHANNELS: dict[ChannelName, type[MailChannel] | type[WebhookChannel] | type[AppriseChannel]] = {
    "mail": MailChannel,
    "webhook": WebhookChannel,
    "apprise": AppriseChannel,
}
