"""POST JSON to a receiver, under the guard of the crawler's connections. No redirect is followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.values.counters import Figures
from crawler.wire.guard import PORTS, Guard, Network
from crawler.wire.single_request import Received, send_once

SECONDS = 15.0
"""Seconds that a receiver may take; Standard Webhooks asks for 15 to 30."""
_PAGE_BYTES = 1 << 16


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
        return _result(await self._send(url, fields, body))

    async def exchange(self, url: str, fields: Mapping[str, str], body: bytes) -> tuple[PostResult, bytes]:
        """Post a body, and return the body of the response too; without a complete one, it is empty. Never raises."""
        received = await self._send(url, fields, body)
        result = _result(received)
        return result, received.content if result.accepted else b""

    async def _send(self, url: str, fields: Mapping[str, str], body: bytes) -> Received:
        head = {"User-Agent": self._user_agent, "Content-Type": "application/json", **fields}
        return await send_once(
            "POST", url, head, body, guard=self._guard, page_bytes=_PAGE_BYTES, seconds=self._seconds
        )


def _result(received: Received) -> PostResult:
    return PostResult(received.status, received.sentence, received.fields.get("retry-after"))
