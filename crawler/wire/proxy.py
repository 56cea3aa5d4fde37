"""Proxies: HTTP ones, plain and by CONNECT (RFC 9110, section 9.3.6), and SOCKS5 (RFC 1928, 1929).

A proxy resolves names itself, so the address guard checks the proxy's own address, and a target's address only if the
URL spells one.
"""

from __future__ import annotations

import asyncio
import base64
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

_MOST_ANSWER = 64 * 1024
_MOST_CREDENTIAL = 255
_SOCKS_REPLIES = {
    1: "a general failure",
    2: "a rule forbids it",
    3: "the network is unreachable",
    4: "the host is unreachable",
    5: "the connection was refused",
    6: "it took too long",
    7: "it does not support CONNECT",
    8: "it does not support this address type",
}


class ProxyRefused(Exception):
    """The proxy refused to connect."""

    def __init__(self, proxy: Proxy, why: str) -> None:
        super().__init__(f"the proxy {proxy} refused: {why}")
        self.proxy = proxy


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and its credentials. Its string form has no credentials."""

    scheme: Literal["http", "socks5"]
    host: str
    port: int
    user: str = ""
    password: str = ""
    authorization: bytes = b""
    """The value of Proxy-Authorization, for an HTTP proxy."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __repr__(self) -> str:
        return f"<Proxy {self}>"


def proxy_of(url: str, authorization: bytes = b"") -> Proxy:
    """Read ``http://user:password@host:port`` or ``socks5://…``; without a scheme it is HTTP.

    `authorization` is the value of Proxy-Authorization, to which Scrapy moves the credentials of any proxy. Raises
    ValueError, without the URL in its message: the URL may contain a password.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme.startswith("socks") and not user:
        user, password = _credentials_of(authorization)
    if not parts.hostname:
        raise ValueError("the proxy has no host")
    if max(len(user.encode()), len(password.encode())) > _MOST_CREDENTIAL:
        raise ValueError(f"user and password of a proxy may have at most {_MOST_CREDENTIAL} bytes each")
    if parts.scheme in ("socks5", "socks5h"):
        return Proxy("socks5", parts.hostname, parts.port or 1080, user, password)
    if parts.scheme != "http":
        raise ValueError(f"proxies use http:// or socks5://, not {parts.scheme}://")
    if user and not authorization:
        authorization = b"Basic " + base64.b64encode(f"{user}:{password}".encode())
    return Proxy("http", parts.hostname, parts.port or 80, user, password, authorization)


def _credentials_of(authorization: bytes) -> tuple[str, str]:
    """Return user and password of a Basic header (RFC 7617), in UTF-8 or Latin-1; empty for any other header."""
    kind, _, packed = authorization.partition(b" ")
    try:
        decoded = base64.b64decode(packed, validate=True) if kind.lower() == b"basic" else b""
    except ValueError:
        decoded = b""
    try:
        user, _, password = decoded.decode().partition(":")
    except UnicodeDecodeError:
        user, _, password = decoded.decode("latin-1").partition(":")
    return user, password


async def open_tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Make a proxy connect a socket on to a target. Raises ProxyRefused, OSError."""
    if proxy.scheme == "socks5":
        await _greet_socks(sock, proxy)
        await _connect_by_socks(sock, proxy, host, port)
    else:
        await _connect_by_http(sock, proxy, host, port)


async def _connect_by_http(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    credentials = b"Proxy-Authorization: %b\r\n" % proxy.authorization if proxy.authorization else b""
    head = b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (target.encode(), target.encode(), credentials)
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, head)
    answer = b""
    while b"\r\n\r\n" not in answer:
        data = await loop.sock_recv(sock, 4096)
        answer += data
        if not data or len(answer) > _MOST_ANSWER:
            raise ProxyRefused(proxy, f"invalid response to CONNECT: {answer[:60]!r}")
    line = answer.partition(b"\r\n")[0]
    if line.split(b" ")[1:2] != [b"200"]:
        raise ProxyRefused(proxy, line[:80].decode("latin-1"))


async def _greet_socks(sock: socket.socket, proxy: Proxy) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, b"\x05\x02\x00\x02" if proxy.user else b"\x05\x01\x00")
    version, method = await _exactly(sock, proxy, 2)
    if version != 5 or method not in (0, 2):
        raise ProxyRefused(proxy, "it offers no supported authentication method")
    if method == 2:
        user, password = proxy.user.encode(), proxy.password.encode()
        await loop.sock_sendall(sock, b"\x01%c%b%c%b" % (len(user), user, len(password), password))
        if (await _exactly(sock, proxy, 2))[1] != 0:
            raise ProxyRefused(proxy, "wrong user or password")


async def _connect_by_socks(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    name = host.encode()
    await asyncio.get_running_loop().sock_sendall(sock, b"\x05\x01\x00\x03%c%b%b" % (len(name), name, port.to_bytes(2)))
    _, reply, _, kind = await _exactly(sock, proxy, 4)
    if reply != 0:
        raise ProxyRefused(proxy, _SOCKS_REPLIES.get(reply, f"its reply is {reply}"))
    length = {1: 4, 4: 16}.get(kind) or (await _exactly(sock, proxy, 1))[0]
    await _exactly(sock, proxy, length + 2)


async def _exactly(sock: socket.socket, proxy: Proxy, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = await asyncio.get_running_loop().sock_recv(sock, size - len(data))
        if not more:
            raise ProxyRefused(proxy, "it closed the connection")
        data += more
    return data
