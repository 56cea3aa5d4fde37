"""Fetch a few pages to inspect them, under the same guard as the crawler; nothing is archived."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.values.counters import Figures
from config.settings import Settings
from config.source import Source
from crawler.wire.body import Body
from crawler.wire.connect import Dialer, HandshakeFailed, why_of
from crawler.wire.connection import Pool, Route
from crawler.wire.guard import PORTS, AddressForbidden, Guard, Network
from crawler.wire.http1 import Answer
from crawler.wire.proxy import ProxyRefused, proxy_of
from crawler.wire.recording import MIB, WireLimits
from crawler.wire.signed import Sign, signature_of
from extractor.html.page import Page
from extractor.values.content import decode_content
from extractor.values.urls import resolve
from pressmark.service.keys import signer_of

if TYPE_CHECKING:
    from crawler.wire.signatures import RequestSigner


LIMITS = WireLimits(page_bytes=4 * MIB, timeout=20.0, memory_bytes=8 * MIB)
_MOST_REDIRECTS = 5
_HOST_AND_REST = re.compile(r"https?://(?P<netloc>[^/?#]+)(?P<rest>[^#]*)", re.IGNORECASE)


class SiteUnreachable(Exception):
    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url} could not be fetched: {why}")
        self.url = url


@dataclass(frozen=True, slots=True)
class VisitedPage:
    """The answer of a URL, after redirects."""

    asked: str
    url: str
    status: int
    content_type: str | None
    body: bytes
    """With its content codings decoded."""

    @property
    def page(self) -> Page:
        return Page(self.url, self.body, self.content_type)

    @property
    def found(self) -> bool:
        return self.status == 200

    @property
    def is_html(self) -> bool:
        kind = (self.content_type or "").partition(";")[0].strip().lower()
        return kind in ("text/html", "application/xhtml+xml") or (not kind and b"<html" in self.body[:2048].lower())


class Visitor:
    """Fetches with the crawler's own connections and guard. Use it in one event loop, and close it."""

    def __init__(
        self,
        user_agent: str,
        *,
        allow: Iterable[Network] = (),
        ports: Iterable[int] = (),
        proxy: str | None = None,
        figures: Figures | None = None,
        sign: Sign | None = None,
    ) -> None:
        """Set up. `proxy` is a URL, perhaps with a password; `sign` signs the requests. Raises ValueError if the proxy
        is none.
        """
        self._sign = sign
        self._user_agent = user_agent
        self._proxy = proxy_of(proxy) if proxy is not None else None
        self._pool = Pool(LIMITS.idle)
        self._dialer = Dialer(Guard(allow, (*PORTS, *ports), figures=figures), "record", self._pool)

    async def close(self) -> None:
        await self._pool.close()

    async def visit(self, url: str) -> VisitedPage:
        """Fetch a URL and follow its redirects. Raises SiteUnreachable, AddressForbidden."""
        at = url
        for _ in range(_MOST_REDIRECTS + 1):
            visited, location = await self._exchange(at)
            if location is None:
                return replace(visited, asked=url)
            at = location
        raise SiteUnreachable(url, f"it redirects more than {_MOST_REDIRECTS} times")

    async def _exchange(self, url: str) -> tuple[VisitedPage, str | None]:
        try:
            async with asyncio.timeout(LIMITS.timeout):
                answer, body = await self._fetch(url)
        except AddressForbidden:
            raise
        except TimeoutError:
            raise SiteUnreachable(url, f"no response within {LIMITS.timeout:.0f} s") from None
        except socket.gaierror as error:
            raise SiteUnreachable(url, f"its host has no address ({error.strerror})") from None
        except (OSError, HandshakeFailed, ProxyRefused) as error:
            raise SiteUnreachable(url, why_of(error)) from None
        if not answer.head:
            raise SiteUnreachable(url, answer.error or "no response")
        fields = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        decoded = decode_content(body, fields.get("content-encoding"), LIMITS.page_bytes)
        target = resolve(fields["location"], url) if 300 <= answer.status < 400 and "location" in fields else None
        return VisitedPage(url, url, answer.status, fields.get("content-type"), decoded.body), target

    async def _fetch(self, url: str) -> tuple[Answer, bytes]:
        parts = urlsplit(url)
        port = parts.port or _usual_port(parts.scheme)
        route = Route(parts.scheme == "https", parts.hostname or "", port, self._proxy)
        connection = self._pool.acquire(route) or await self._dialer.dial(route)
        body = Body(LIMITS.memory_bytes)
        answer = Answer("GET", LIMITS, body, page_bytes=LIMITS.page_bytes, prefix=True)
        try:
            await connection.send(self._head(url, route), answer)
        except asyncio.CancelledError:
            connection.abort()
            raise
        taken = body.release()
        return answer, taken if isinstance(taken, bytes) else b""

    def _head(self, url: str, route: Route) -> bytes:
        found = _HOST_AND_REST.match(url)
        assert found is not None
        host = found["netloc"].rpartition("@")[2]
        rest = found["rest"]
        target = rest if rest.startswith("/") else f"/{rest}"
        signed = signature_of(self._sign, "GET", f"{urlsplit(url).scheme}://{host}", target)
        proxy = route.proxy if not route.secure and route.proxy and route.proxy.scheme == "http" else None
        if proxy:
            target = f"http://{host}{target}"
        lines = [
            f"GET {target} HTTP/1.1",
            f"Host: {host}",
            f"User-Agent: {self._user_agent}",
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Encoding: gzip, deflate, br",
            *(line.decode().rstrip() for line in signed),
        ]
        if proxy and proxy.authorization:
            lines.append(f"Proxy-Authorization: {proxy.authorization.decode('latin-1')}")
        return "\r\n".join([*lines, "", ""]).encode("ascii", "ignore")


def visitor_for(
    source: Source, settings: Settings, user_agent: str, figures: Figures, now: Callable[[], datetime]
) -> Visitor:
    """Return a visitor that reaches a site as a run of this source would, and signs as it would once there is a key.

    Raises NotPermitted, SecretNotFound, ConfigError.
    """
    settings.permissions.check(source)
    proxy, signer = settings.permissions.proxy_of(source), signer_of(settings, source, creates=False)
    sign = partial(_signed, signer, now) if signer else None
    return Visitor(user_agent, allow=source.addresses, ports=source.ports, proxy=proxy, figures=figures, sign=sign)


def _signed(
    signer: RequestSigner, now: Callable[[], datetime], method: str, origin: str, target: str
) -> Sequence[bytes]:
    return signer.lines(method, origin, target, now())


def _usual_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
