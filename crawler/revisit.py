"""Asking again for what is kept: conditional requests, and what needs no request at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from archive.capture import Capture, Reference


class Captures(Protocol):
    """What the crawl asks of the index."""

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        """The newest capture with status 200 of each of some URLs."""


def conditions(capture: Capture) -> dict[bytes, list[bytes]]:
    """The headers that ask for a page only if it changed since; empty when the server gave nothing to tell by."""
    headers = {}
    if capture.etag:
        headers[b"If-None-Match"] = [capture.etag.encode("latin-1", "replace")]
    if capture.last_modified:
        headers[b"If-Modified-Since"] = [capture.last_modified.encode("latin-1", "replace")]
    return headers


def reference(capture: Capture) -> Reference:
    """What a 304 refers to: the capture that holds the payload, also when the newest one is a revisit itself."""
    return capture.refers_to or Reference(capture.record_id, capture.url, capture.at)


def is_news(modified: float | None, capture: Capture | None) -> bool:
    """Whether a URL that a feed or sitemap names has to be fetched.

    `modified` is what it says there, in seconds since 1970; 0 when nothing is said: then once is enough. None is no
    condition.
    """
    return modified is None or capture is None or modified > capture.at.timestamp()


def moment(*named: datetime | None) -> float:
    """The latest of the times that a feed or sitemap gives for a page, for `is_news`; 0 when it gives none."""
    return max((at.timestamp() for at in named if at is not None), default=0.0)
