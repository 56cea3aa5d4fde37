"""URLs and networks, as settings and sources name them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from config.errors import did_you_mean

_USUAL = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,3})?(?:/[!-~]*)?")
"""URLs in which nothing can be wrong: most of those that many sources name."""


class BadUrl(ValueError):
    """An invalid URL; the message says why."""


def check_url(text: str, schemes: Sequence[str] = ("http", "https")) -> str:
    """Return an absolute URL without credentials, unchanged; by default, http or https. Raises BadUrl."""
    if _USUAL.fullmatch(text) and text.partition(":")[0] in schemes:
        return text
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains a space or an invisible character, such as a line break")
    if re.search(r"[\ud800-\udfff]", text):
        raise BadUrl(f"invalid URL {text!r}: it contains bytes that are not UTF-8; write each as % and two digits")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadUrl(f"invalid URL {text!r}: {str(error).lower()}") from None
    if not parts.scheme or not parts.netloc:
        raise BadUrl(f"{text!r} is not a full URL; {_absolute_hint(text)}")
    if parts.scheme.lower() not in schemes:
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
        f"did you mean '{scheme}://{bare}'?"
        if re.match(r"[\w-]+(\.[\w-]+)+", bare)
        else "a full URL begins with https:// or http://"
    )


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


def _http(text: str) -> str:
    return check_url(text)


Url = Annotated[
    str,
    AfterValidator(_http),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"}),
]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
