"""The values in the file of a source, with their checks: URLs, hosts, places, networks, headers and proxies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    WithJsonSchema,
)

from config.values.pattern import Pattern
from config.values.secret import Secret
from config.values.urls import Url, check_url

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HOST = re.compile(r"(?:\*\.)?[^\s/:@*]+(?::\d{1,5})?")
_TAG = re.compile(r"[\w .+#&-]{1,40}")
_GUARDED_HEADERS = {"authorization", "cookie", "proxy-authorization"}
_GUARDED_FIELDS = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)


def _place(text: str) -> str:
    """Check one entry of scope: a path prefix, a URL prefix, or a regular expression after ``re:``."""
    if text.startswith("re:"):
        Pattern(text[3:])
        return text
    if text.startswith("/"):
        return text
    if text.lower().startswith(("http://", "https://")):
        return check_url(text)
    raise ValueError(f"{text!r} must begin with /, https:// or re:; did you mean {'/' + text!r}?")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"invalid host {text!r}: write example.org, or *.example.org for all its subdomains")
    return text.lower()


def _tag(text: str) -> str:
    """Check a tag: letters of any script, digits, spaces and a few signs, none of which separates tags."""
    tag = text.strip()
    if not _TAG.fullmatch(tag):
        raise ValueError(f"invalid tag {text!r}: use at most 40 letters, digits, spaces and hyphens")
    return tag


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


def check_header_names(headers: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid header name")
        if name.lower() in _GUARDED_HEADERS and not isinstance(value, Secret):
            raise ValueError(f"don't write the value of {name} in a file; use {name}: {{secret: NAME}}")
        if isinstance(value, str) and re.search(r"[\r\n\0]", value):
            raise ValueError(f"the value of {name} contains a line break")
    return headers


def check_fields(fields: Mapping[str, str | Secret]) -> Mapping[str, str | Secret]:
    for name, value in fields.items():
        if _GUARDED_FIELDS.search(name) and not isinstance(value, Secret):
            raise ValueError(f"don't write the value of {name} in a file; use {name}: {{secret: NAME}}")
    return fields


def check_proxy(proxy: str | Secret) -> str | Secret:
    if isinstance(proxy, str):
        if "@" in proxy:
            raise ValueError("don't write the proxy's password in a file; use proxy: {secret: NAME}")
        if urlsplit(proxy).scheme not in ("http", "socks5", "socks5h"):
            raise ValueError(f"invalid proxy {proxy!r}: it must begin with http:// or socks5://")
    return proxy


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Place = Annotated[str, AfterValidator(_place), WithJsonSchema({"type": "string", "pattern": "^(/|https?://|re:)"})]


Host = Annotated[str, AfterValidator(_host)]


Places = Annotated[tuple[Place, ...], BeforeValidator(_one_or_more, json_schema_input_type=Place | tuple[Place, ...])]


Hosts = Annotated[tuple[Host, ...], BeforeValidator(_one_or_more, json_schema_input_type=Host | tuple[Host, ...])]


Urls = Annotated[tuple[Url, ...], BeforeValidator(_one_or_more, json_schema_input_type=Url | tuple[Url, ...])]


Tag = Annotated[str, AfterValidator(_tag)]


Tags = Annotated[
    tuple[Tag, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=Tag | tuple[Tag, ...]),
    AfterValidator(_each_once),
]
