"""What an answer means for the requested page, judged by its status and a few of its headers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from http import HTTPStatus
from typing import NamedTuple

from scrapy.http import Headers, Response

from extractor.values.content import decode_content
from extractor.values.moments import parse_http_date, parse_moment
from extractor.values.urls import resolve

LONGEST_WAIT = 600.0
"""The longest Retry-After in seconds that is honoured; a longer one is shortened to this."""
MOST_HOPS = 10
"""Consecutive redirects, style sheets within style sheets, and sitemaps within sitemaps."""

_MOVED = {301, 302, 303, 307, 308}
_LATER = {408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524}
_GONE = {404, 410}
_LIMITED = 429
_RESETS = (b"X-RateLimit-Reset", b"RateLimit-Reset")
_LEAST_MOMENT = 1_000_000_000
CROWDED = (429, 503)
"""The host asks for fewer requests, not only for this page."""


class Kind(Enum):
    READ = auto()
    """There is a page to read."""
    UNCHANGED = auto()
    """304: the page equals our capture."""
    MOVED = auto()
    LATER = auto()
    """Not available now: try again."""
    GONE = auto()
    """The page does not exist: a fact about the site, not a failure of the crawl."""
    REFUSED = auto()
    """The page can't be fetched."""


class Answered(NamedTuple):
    """An answer as a browser is given it."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    """With its content codings decoded."""

    @classmethod
    def of(cls, response: Response, body: bytes) -> Answered:
        return cls(
            response.status,
            tuple((name, value) for name, values in response.headers.items() for value in values),
            body,
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    reason: str = ""
    """``404 Not Found``; empty for a success."""
    target: str | None = None
    """The absolute redirect target; None when the answer names no valid one."""
    wait: float | None = None
    """Seconds that the server asks to wait; None when it does not say."""


_WELL = Meaning(Kind.READ)
_SAME = Meaning(Kind.UNCHANGED)


def meaning_of(status: int, headers: Headers, url: str, now: datetime) -> Meaning:
    """Return the meaning of the answer to a request for `url`."""
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
        if wait is None and status == _LIMITED:
            wait = _limit_ends(headers, now)
        return Meaning(Kind.LATER, reason, wait=wait)
    if status in _GONE or status < 400:
        return Meaning(Kind.GONE, reason)
    return Meaning(Kind.REFUSED, reason)


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for.

    At most `LONGEST_WAIT`; None when it is absent or invalid.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parse_http_date(value)
        return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):  # TypeError: a date without a time zone
        return None


def _limit_ends(headers: Headers, now: datetime) -> float | None:
    """Return the seconds until a rate limit ends, at most `LONGEST_WAIT`; None if no header says so.

    Interfaces without Retry-After give the moment in ISO 8601 (Mastodon) or in seconds since 1970 (Bluesky).
    """
    for name in _RESETS:
        said = (headers.get(name) or b"").decode("latin-1").strip()
        at = _since_1970(said) if said.isascii() and said.isdigit() else parse_moment(said) if said else None
        if at is not None:
            return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT)
    return None


def _since_1970(said: str) -> datetime | None:
    """Return a moment in seconds since 1970; None for a number that is none, such as the seconds that are left."""
    seconds = int(said[:10])
    return datetime.fromtimestamp(seconds, UTC) if seconds > _LEAST_MOMENT else None


def describe(status: int) -> str:
    """Return a status with its phrase, such as ``503 Service Unavailable``."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def body_of(response: Response, limit: int) -> bytes:
    """Decode the content codings of a body, up to `limit` bytes. What can't be decoded is left out."""
    coding = response.headers.get(b"Content-Encoding")
    if not coding:
        return response.body[:limit]
    return decode_content(response.body, coding.decode("latin-1"), limit).body
