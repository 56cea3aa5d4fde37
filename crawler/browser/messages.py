"""What passes between a browser's page and who fetches for it."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from crawler.policy.answers import Answered

_NOT_PASSED_ON = frozenset({b"content-encoding", b"content-length", b"transfer-encoding", b"connection"})
"""Fields that describe the body on the wire: the browser gets it decoded."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a page wants to make."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    kind: str
    """Its resource type in the DevTools protocol, such as ``Image``."""


def as_command(answer: Answered) -> dict[str, Any]:
    """Return the parameters of Fetch.fulfillRequest."""
    kept = [(name, value) for name, value in answer.headers if name.lower() not in _NOT_PASSED_ON]
    return {
        "responseCode": answer.status,
        "responseHeaders": [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in kept],
        "body": base64.b64encode(answer.body).decode(),
    }


class NotFetched(Exception):
    """A request that gets no answer. `code` is an error reason of the DevTools protocol (Network.ErrorReason)."""

    def __init__(self, reason: str, code: str = "Failed") -> None:
        super().__init__(reason)
        self.code = code


Fetcher = Callable[[Asked], Awaitable[Answered]]
"""Fetches for a page. Raises NotFetched."""


class PageFailed(Exception):
    """The page could not be drawn. The browser is not used again."""


class NotOpened(PageFailed):
    """The browser failed before the page requested anything: a page before may have left it broken."""


Octets = bytes


@dataclass(slots=True)
class Drawn:
    """A page as the browser drew it."""

    html: str
    """The document, with shadow roots in their places."""
    picture: bytes | None
    """In the format of the limits: WebP, PNG or JPEG."""
    requests: int
    bytes: int = 0
    """Of the bodies that the page received, decoded."""
    refused: Counter[str] = field(default_factory=Counter)
    """The requests of the page that got no answer, by reason."""
    behaved: Counter[str] = field(default_factory=Counter)
    """What was done to the page, by rule: ``consent refused: OneTrust``."""
    seconds: float = 0.0
    """How long the browser worked for it, without what the page waited for its turn."""
    small: Octets | None = None
    """A small picture, in the same format."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the page requested and said, and its times: see `page_log`."""
    cut: bool = False
    """Whether it was taken before it was complete, for its time was over."""


def asked_of(event: dict[str, Any]) -> Asked:
    """Return the request of a Fetch.requestPaused."""
    request = event["request"]
    entries = request.get("postDataEntries") or ()
    body = b"".join(base64.b64decode(entry.get("bytes", "")) for entry in entries)
    headers = tuple((str(name), str(value)) for name, value in request["headers"].items())
    return Asked(request["method"], request["url"], headers, body, event.get("resourceType", "Other"))
