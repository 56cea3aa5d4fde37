"""What an answer means for the page that was asked for, from its status and a few of its headers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from http import HTTPStatus

from scrapy.http import Headers, Response

from extractor.values.content import decode_content
from extractor.values.moments import parse_http_date
from extractor.values.urls import resolve

LONGEST_WAIT = 600.0
"""Seconds of Retry-After that are honoured; who asks for more is asked again then."""
MOST_HOPS = 10
"""Redirects in a row, and style sheets within style sheets."""

_MOVED = {301, 302, 303, 307, 308}
_LATER = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
_GONE = {404, 410}
CROWDED = (429, 503)
"""It is the host that wants to be left alone, not only this page."""


class Kind(Enum):
    READ = auto()
    """There is a page to be read."""
    UNCHANGED = auto()
    """304: it is as we have it."""
    MOVED = auto()
    LATER = auto()
    """Not now: try again."""
    GONE = auto()
    """There is no such page: a fact about the site, no failure of the crawl."""
    REFUSED = auto()
    """We don't get it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    reason: str = ""
    """``404 Not Found``; empty when all is well."""
    target: str | None = None
    """Where it moved to, absolute; None when it does not say so intelligibly."""
    wait: float | None = None
    """Seconds that the server wants to be left alone; None when it does not say."""


_WELL = Meaning(Kind.READ)
_SAME = Meaning(Kind.UNCHANGED)


def meaning_of(status: int, headers: Headers, url: str, now: datetime) -> Meaning:
    """What the answer to a request for `url` means."""
    if 200 <= status < 300:
        return _WELL
    if status == 304:
        return _SAME
    reason = describe(status)
    if status in _MOVED:
        location = (headers.get(b"Location") or b"").decode("utf-8", "replace")
        return Meaning(Kind.MOVED, reason, target=resolve(location, url))
    if status in _LATER:
        wait = retry_after((headers.get(b"Retry-After") or b"").decode("latin-1"), now)
        return Meaning(Kind.LATER, reason, wait=wait)
    if status in _GONE or status < 400:
        return Meaning(Kind.GONE, reason)
    return Meaning(Kind.REFUSED, reason)


def retry_after(value: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, at most `LONGEST_WAIT`; None when it is absent or nonsense."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parse_http_date(value)
        return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a zone
        return None


def describe(status: int) -> str:
    """``503 Service Unavailable``"""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def backoff(attempts: int, base: float) -> float:
    """Seconds before the next attempt, after `attempts` that failed: twice as long each time, five minutes at most."""
    return min(base * 2.0 ** min(attempts, 16), 300.0)


def body_of(response: Response, limit: int) -> bytes:
    """The body out of its content-codings, at most `limit` octets of it; what can't be decoded is left out."""
    coding = response.headers.get(b"Content-Encoding")
    if not coding:
        return response.body[:limit]
    return decode_content(response.body, coding.decode("latin-1"), limit).body
