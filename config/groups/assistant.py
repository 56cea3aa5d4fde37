"""Settings of the language model that writes summaries and translations for watches."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from config.duration import Duration
from config.groups.group import Group
from config.groups.oidc import is_safe
from config.values.urls import Network, Url

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(minutes=10)


def _language(tag: str) -> str:
    if _TAG.fullmatch(tag) is None:
        raise ValueError(f"{tag[:80]!r} is not a language; write its code, such as en, zh or pt-BR")
    return tag


def _endpoint(url: str) -> str:
    if "?" in url or "#" in url:
        raise ValueError("the address has a query or a fragment; give the beginning of the addresses of the API alone")
    return url.rstrip("/")


def _key(key: SecretStr) -> SecretStr:
    if re.fullmatch(r"[!-~]+", key.get_secret_value()) is None:
        raise ValueError("a key has printable ASCII characters alone, and no spaces or line breaks")
    return key


def _span(span: timedelta) -> timedelta:
    if not _SHORTEST <= span <= _LONGEST:
        raise ValueError("give a time from 1s to 10m")
    return span


Language = Annotated[str, AfterValidator(_language)]
"""A language tag (RFC 5646)."""
_Span = Annotated[Duration, AfterValidator(_span)]


class Assistant(Group):
    """A language model that writes summaries and translations for watches; on if an endpoint is set."""

    url: Annotated[Url, AfterValidator(_endpoint)] | None = None
    """The beginning of the addresses of an API that is compatible with that of OpenAI, such as
    `http://127.0.0.1:11434/v1` of a model on this machine; default: no summaries and translations."""
    model: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")] | None = None
    """The name of the model at the endpoint."""
    key: Annotated[SecretStr, AfterValidator(_key)] | None = None
    """The key of the API; default: none."""
    key_file: Path | None = None
    """A file that holds the key."""
    timeout: _Span = timedelta(seconds=30)
    """How long one answer may take."""
    wait: _Span = timedelta(minutes=2)
    """How long a message waits for a summary or translation of a sentence; then it is sent without."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=50)] = ("en", "zh")
    """The languages of translations that the page of a watch offers."""
    characters: int = Field(default=8_000, ge=200, le=100_000)
    """At most this many characters of a text are sent; what is made of its beginning alone ends with `[…]`."""
    characters_a_day: int = Field(default=1_000_000, ge=1)
    """At most this many characters are sent in a day (UTC), those of the instructions not counted."""
    requests_a_day: int = Field(default=1_000, ge=1)
    """At most this many requests are sent in a day (UTC)."""
    addresses: tuple[Network, ...] = ()
    """Private networks (CIDR) that the endpoint may be in, such as `127.0.0.1/32` for this machine."""

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return urlsplit(self.url or "").hostname or ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.url is None:
            if self.model is not None or self.key is not None:
                raise ValueError("a model or a key is set, but no endpoint; set url")
            return self
        if self.model is None:
            raise ValueError("an endpoint is set, but no model; set model")
        if self.key is not None and not is_safe(self.url):
            raise ValueError("anybody on the way to the endpoint could read the key; use an https address")
        return self
