"""Send one request of our own, such as a webhook, under the guard of addresses. No redirect is followed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.wire.body import Body
from crawler.wire.connect import Dialer, HandshakeFailed, why_of
from crawler.wire.connection import Connection, Pool, Route
from crawler.wire.guard import AddressForbidden, Guard
from crawler.wire.http1 import Answer
from crawler.wire.recording import WireLimits

_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Received:
    """What came back."""

    status: int | None
    """None when there was no answer."""
    sentence: str
    """A sentence that names the host only: the path may be a secret."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The header fields, by their names in lower case."""
    content: bytes = b""
    """The body; empty unless it is complete."""
    whole: bool = False
    """Whether the body is complete, and within the limit."""


async def send_once(
    method: str,
    url: str,
    fields: Mapping[str, str],
    body: bytes,
    *,
    guard: Guard,
    page_bytes: int,
    seconds: float,
) -> Received:
    """Send a request to an http or https URL over a connection of its own.

    The body of the answer may have `page_bytes` bytes, and all of it may take `seconds`. Never raises: a failure is in
    the sentence.
    """
    limits = WireLimits(page_bytes=page_bytes, timeout=seconds, memory_bytes=2 * page_bytes)
    buffer = Body(limits.memory_bytes)
    answer = Answer(method, limits, buffer, page_bytes=page_bytes)
    host = urlsplit(url).hostname or ""
    pool, why = Pool(limits.idle), None
    try:
        async with asyncio.timeout(seconds):
            await _exchange(url, _request(method, url, fields, body), answer, Dialer(guard, "strict", pool), pool)
    except AddressForbidden as error:
        why = str(error)
    except TimeoutError:
        why = f"{host} did not respond within {seconds:g} s"
    except socket.gaierror as error:
        why = f"{host} has no address ({error.strerror})"
    except (OSError, HandshakeFailed, ValueError) as error:
        why = f"{host} could not be reached: {why_of(error)}"
    content = buffer.release()
    if why is not None:
        return Received(None, why)
    if not answer.head:
        return Received(None, f"{host} sent no response: {answer.error or 'it closed the connection'}")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    sentence = f"{host} answered {answer.status}"
    if answer.error or not isinstance(content, bytes):
        return Received(answer.status, sentence, headers)
    return Received(answer.status, sentence, headers, content, whole=True)


async def _exchange(url: str, request: bytes, answer: Answer, dialer: Dialer, pool: Pool) -> None:
    parts = urlsplit(url)
    route = Route(parts.scheme == "https", parts.hostname or "", parts.port or _USUAL[parts.scheme])
    try:
        connection: Connection = await dialer.dial(route)
        await connection.send(request, answer)
    finally:
        await pool.close()


def _request(method: str, url: str, fields: Mapping[str, str], body: bytes) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = {"Host": parts.netloc, **fields}
    if body or method == "POST":
        head["Content-Length"] = str(len(body))
    head["Connection"] = "close"
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    return "\r\n".join(lines).encode("ascii", "ignore") + body
