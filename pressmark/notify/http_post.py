"""POST JSON to a receiver, under the guard of the crawler's connections. No redirect is followed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.values.counters import Figures
from crawler.wire.body import Body
from crawler.wire.connect import Dialer, HandshakeFailed, why_of
from crawler.wire.connection import Connection, Pool, Route
from crawler.wire.guard import PORTS, AddressForbidden, Guard, Network
from crawler.wire.http1 import Answer
from crawler.wire.recording import WireLimits

SECONDS = 15.0
"""Seconds that a receiver may take; Standard Webhooks asks for 15 to 30."""
_LIMITS = WireLimits(page_bytes=1 << 16, timeout=SECONDS, memory_bytes=1 << 17)
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class PostResult:
    """The result of one attempt."""

    status: int | None
    """None when there was no answer."""
    sentence: str
    """A sentence that names the host only: the path may be a secret."""
    retry_after: str | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more messages."""
        return self.status == 410


class Poster:
    """Posts JSON. Use it in one event loop."""

    def __init__(
        self,
        user_agent: str,
        *,
        allow: Iterable[Network] = (),
        figures: Figures | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._user_agent = user_agent
        self._guard = Guard(allow, PORTS, figures=figures)
        self._seconds = seconds

    async def post(self, url: str, fields: Mapping[str, str], body: bytes) -> PostResult:
        """Post a body. Never raises: a failure is in the sentence."""
        answered, _ = await self.exchange(url, fields, body)
        return answered

    async def exchange(self, url: str, fields: Mapping[str, str], body: bytes) -> tuple[PostResult, bytes]:
        """Post a body, and return the body of the response too; without a complete one, it is empty. Never raises."""
        received = Body(_LIMITS.memory_bytes)
        answer = Answer("POST", _LIMITS, received, page_bytes=_LIMITS.page_bytes)
        answered = await self._answered(url, fields, body, answer)
        content = received.release()
        whole = answered.accepted and not answer.error and isinstance(content, bytes)
        return answered, content if whole and isinstance(content, bytes) else b""

    async def _answered(self, url: str, fields: Mapping[str, str], body: bytes, answer: Answer) -> PostResult:
        host = urlsplit(url).hostname or ""
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(url, fields, body, answer)
        except AddressForbidden as error:
            return PostResult(None, str(error))
        except TimeoutError:
            return PostResult(None, f"{host} did not respond within {self._seconds:g} s")
        except socket.gaierror as error:
            return PostResult(None, f"{host} has no address ({error.strerror})")
        except (OSError, HandshakeFailed, ValueError) as error:
            return PostResult(None, f"{host} could not be reached: {why_of(error)}")
        if not answer.head:
            return PostResult(None, f"{host} sent no response: {answer.error or 'it closed the connection'}")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        return PostResult(answer.status, f"{host} answered {answer.status}", headers.get("retry-after"))

    async def _exchange(self, url: str, fields: Mapping[str, str], body: bytes, answer: Answer) -> None:
        parts = urlsplit(url)
        route = Route(parts.scheme == "https", parts.hostname or "", parts.port or _USUAL[parts.scheme])
        pool = Pool(_LIMITS.idle)
        try:
            connection: Connection = await Dialer(self._guard, "strict", pool).dial(route)
            await connection.send(self._request(url, fields, body), answer)
        finally:
            await pool.close()

    def _request(self, url: str, fields: Mapping[str, str], body: bytes) -> bytes:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = {"Host": parts.netloc, "User-Agent": self._user_agent, "Content-Type": "application/json", **fields}
        head |= {"Content-Length": str(len(body)), "Connection": "close"}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        return "\r\n".join(lines).encode("ascii", "ignore") + body
