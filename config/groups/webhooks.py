"""Settings of webhooks: other programs that receive signed messages about events."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator

from config.files.document import Loc
from config.groups.group import Group
from config.names import check_names
from config.values.urls import Network

Kind = Literal["page.new", "page.changed", "watch.matched", "run.over", "source.blocked", "source.free"]
KINDS: tuple[Kind, ...] = ("page.new", "page.changed", "watch.matched", "run.over", "source.blocked", "source.free")
MATCHED: Kind = "watch.matched"
PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
"""Minimum and maximum bytes of a key."""


def key_of(secret: str) -> bytes:
    """Decode the key in a secret (Standard Webhooks). Raises ValueError, which never shows the secret."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not _SHORTEST <= len(key) <= _LONGEST:
        told = f"it must be {PREFIX} and the base64 of {_SHORTEST} to {_LONGEST} random bytes"
        raise ValueError(f"invalid webhook secret: {told}; run 'pressmark webhooks secret' to make one")
    return key


def _secret(secret: SecretStr) -> SecretStr:
    key_of(secret.get_secret_value())
    return secret


def _url(url: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^\s/?#@]+(?:[/?][^\s#]*)?", url.get_secret_value()) or not _has_host(url):
        raise ValueError("this must be an http or https URL without credentials and fragment")
    return url


def _has_host(url: SecretStr) -> bool:
    try:
        parts = urlsplit(url.get_secret_value())
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # of the address in brackets, or of the port
        return False


Destination = Annotated[SecretStr, AfterValidator(_url)]
"""The URL that messages are posted to. Its path may be a secret."""


def check_watches(events: Collection[str], watches: Collection[str]) -> None:
    """Raise ValueError for watches of a webhook that gets no event of any watch."""
    if watches and MATCHED not in events:
        raise ValueError(f"watches are chosen, but not the event {MATCHED}; add it to events, or leave watches out")


def _names(webhooks: Mapping[str, Webhook]) -> Mapping[str, Webhook]:
    check_names("webhook", webhooks)
    return webhooks


class Webhook(Group):
    """A webhook: its URL, and the events that it receives."""

    url: Destination | None = None
    """Where messages are posted to."""
    url_file: Path | None = None
    """A file that holds the URL."""
    secret: Annotated[SecretStr, AfterValidator(_secret)] | None = None
    """The signing key of messages: whsec_ and a key in base64."""
    secret_file: Path | None = None
    """A file that holds the secret."""
    events: tuple[Kind, ...] = KINDS
    """The events that it receives."""
    sources: tuple[str, ...] = ()
    """The sources of these events; default: all."""
    watches: tuple[str, ...] = ()
    """The watches whose sentences (`watch.matched`) it receives; default: all."""
    rooms: tuple[str, ...] = ()
    """The closed collections (rooms) whose events it receives, too; default: none."""
    addresses: tuple[Network, ...] = ()
    """Private networks (CIDR) that the webhook may be in."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [name for name in ("url", "secret") if getattr(self, name) is None]
        if missing:
            raise ValueError(f"a webhook needs {' and '.join(missing)}")
        check_watches(self.events, self.watches)
        return self


Webhooks = Annotated[Mapping[str, Webhook], AfterValidator(_names)]


def secrets_in(data: Mapping[str, Any]) -> Iterator[Loc]:
    """Yield the places of the secrets of webhooks in a layer of settings: each can be in a file."""
    webhooks = data.get("webhooks")
    for name in webhooks if isinstance(webhooks, Mapping) else ():
        yield from (("webhooks", name, "url"), ("webhooks", name, "secret"))
