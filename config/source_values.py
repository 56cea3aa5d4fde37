"""The values in the file of a source, with their checks: URLs, hosts, places, networks, headers and proxies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    WithJsonSchema,
)

from config.errors import did_you_mean
from config.pattern import Pattern
from config.secret import Secret

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


_HOST = re.compile(r"(?:\*\.)?[^\s/:@*]+(?::\d{1,5})?")


_GUARDED_HEADERS = {"authorization", "cookie", "proxy-authorization"}


_GUARDED_FIELDS = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)


class BadUrl(ValueError):
    """An invalid URL; the message says why."""


def check_url(text: str) -> str:
    """Return an absolute http or https URL without credentials, unchanged. Raises BadUrl."""
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains a space or a control character")
    if re.search(r"[\ud800-\udfff]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains bytes that are not UTF-8; write each as % and two digits")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadUrl(f"invalid URL {text!r}: {str(error).lower()}") from None
    if not parts.scheme or not parts.netloc:
        raise BadUrl(f"{text!r} is not an absolute URL; {_absolute_hint(text)}")
    if parts.scheme.lower() not in ("http", "https"):
        hint = did_you_mean(parts.scheme, ["http", "https"]) or "only those are crawled"
        raise BadUrl(f"{text!r} is not an http or https URL; {hint}")
    if not parts.hostname or port == 0:
        raise BadUrl(f"{text!r} has no host")
    if "@" in parts.netloc:
        raise BadUrl("the URL has a user name or password in it; use headers or login with {secret: NAME}")
    return text


def _absolute_hint(text: str) -> str:
    slipped = re.match(r"(https?):/*(?=[^/])", text)
    bare = text[slipped.end() :] if slipped else text.lstrip("/")
    scheme = slipped[1] if slipped else "https"
    return (
        f"did you mean '{scheme}://{bare}'?" if re.match(r"[\w-]+(\.[\w-]+)+", bare) else "it must begin with https://"
    )


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


def _network(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ip_network(value)
    except ValueError:
        pass
    try:
        hint = f"did you mean {str(ip_network(value, strict=False))!r}?"
    except ValueError:
        hint = "write it as 127.0.0.0/8 or fd00::/8"
    raise ValueError(f"invalid network {value!r}: {hint}")


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Url = Annotated[
    str, AfterValidator(check_url), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})
]


Place = Annotated[str, AfterValidator(_place), WithJsonSchema({"type": "string", "pattern": "^(/|https?://|re:)"})]


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


Host = Annotated[str, AfterValidator(_host)]


Places = Annotated[tuple[Place, ...], BeforeValidator(_one_or_more, json_schema_input_type=Place | tuple[Place, ...])]


Hosts = Annotated[tuple[Host, ...], BeforeValidator(_one_or_more, json_schema_input_type=Host | tuple[Host, ...])]


Urls = Annotated[tuple[Url, ...], BeforeValidator(_one_or_more, json_schema_input_type=Url | tuple[Url, ...])]
