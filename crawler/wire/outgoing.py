"""Convert a Scrapy request to the bytes sent over the wire."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from scrapy import Request
from scrapy.exceptions import NotSupported

from crawler.wire.connection import Route
from crawler.wire.proxy import Proxy
from crawler.wire.signed import Sign, signature_of

SIGNATURE_FIELDS = frozenset({b"Signature", b"Signature-Agent", b"Signature-Input"})
"""The fields that sign a request (RFC 9421), as Scrapy writes them."""

ACCEPT_ENCODING = b"gzip, deflate, br"
"""Never zstd: replay software does not support it."""

_URL = re.compile(
    # Scrapy has percent-encoded bytes outside ASCII, spaces and controls; browsers treat a backslash as a slash.
    r"(?P<scheme>https?)://(?:[^/?#\\]*@)?"
    r"(?P<rest>(?P<host>\[[0-9a-f:.%]+\]|[\w.~!$&'()*+,;=%-]+)(?::(?P<port>\d{0,5}))?(?P<target>[/?][!\"$-~]*)?)"
    r"(?:#.*)?\Z",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_MOST_HOST = 253
_PORTS = {"http": 80, "https": 443}
_WITH_BODY = ("POST", "PUT", "PATCH")


class Origin(NamedTuple):
    """A scheme, host and port, as a URL names them."""

    route: Route
    url: str
    """``https://example.org:8443``: without userinfo, and without a default port."""
    host: bytes
    """The value of the Host field."""


class Outgoing(NamedTuple):
    """A request on its way."""

    route: Route
    method: str
    url: str
    """Without userinfo and fragment: they are not sent, and a password must not be archived."""
    head: bytes
    """As sent, without the credentials of a proxy: they are not part of the request to the site."""
    body: bytes
    data: bytes
    """The bytes written to the socket."""


def outgoing(request: Request, proxy: Proxy | None = None, sign: Sign | None = None) -> Outgoing:
    """Convert a request, signed if there is `sign` and it can be. Raises NotSupported if HTTP/1.1 can't send it."""
    found = _URL.match(request.url)
    if found is None or len(found["host"]) > _MOST_HOST:
        raise NotSupported(f"{request.url[:200]!r} can't be requested over HTTP")
    scheme, rest, host, port, target = found.groups()
    origin = _origin(scheme.lower(), host.lower(), port or "", proxy)
    if not target:
        target, rest = "/", rest + "/"
    elif target[0] == "?":
        target = "/" + target
    asked = origin.url + target if proxy and proxy.scheme == "http" and not origin.route.secure else target
    head = _head(request, origin, asked, _signature(request, origin, target, sign) if sign else ())
    data = _with_credentials(head, origin.route) + request.body
    return Outgoing(origin.route, request.method, f"{scheme}://{rest}", head, request.body, data)


def _signature(request: Request, origin: Origin, target: str, sign: Sign) -> Sequence[bytes]:
    """Return the lines that sign a request, for the authority that its Host field names (RFC 9421, 2.2.3)."""
    scheme, _, authority = origin.url.partition("://")
    host = (request.headers.get(b"Host") or authority.encode()).decode("latin-1")
    return signature_of(sign, request.method, f"{scheme}://{host}", target)


def _head(request: Request, origin: Origin, target: str, signature: Sequence[bytes]) -> bytes:
    fields, codings = request.headers, False
    lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode(), target.encode())]
    if b"Host" not in fields:
        lines.append(origin.host)
    for name, values in dict.items(fields):
        if name == b"Proxy-Authorization" or (signature and name in SIGNATURE_FIELDS):
            continue
        if name == b"Accept-Encoding" and b"zstd" in b",".join(values):
            continue
        lines += [b"%b: %b\r\n" % (name, value) for value in values]
        codings = codings or name == b"Accept-Encoding"
    if not codings:
        lines.append(b"Accept-Encoding: %b\r\n" % ACCEPT_ENCODING)
    if (request.body or request.method in _WITH_BODY) and b"Content-Length" not in fields:
        lines.append(b"Content-Length: %d\r\n" % len(request.body))
    lines += [*signature, b"\r\n"]
    head = b"".join(lines)
    if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
        raise NotSupported(f"the request for {request.url[:200]!r} has a line break in a field")
    return head


def _with_credentials(head: bytes, route: Route) -> bytes:
    proxy = route.proxy
    if proxy is None or route.secure or not proxy.authorization:
        return head
    return b"%bProxy-Authorization: %b\r\n\r\n" % (head[:-2], proxy.authorization)


@lru_cache(maxsize=1024)
def _origin(scheme: str, host: str, port: str, proxy: Proxy | None) -> Origin:
    usual = _PORTS[scheme]
    number = int(port) if port else usual
    if not 0 < number < 1 << 16:
        raise NotSupported(f"{number} is not a port")
    shown = host if number == usual else f"{host}:{number}"
    route = Route(scheme == "https", host.strip("[]"), number, proxy)
    return Origin(route, f"{scheme}://{shown}", f"Host: {shown}\r\n".encode())
