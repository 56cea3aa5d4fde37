"""Timestamps of web archiving: UTC in digits alone, ``20260131120000``. A prefix of one stands for a span of time."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_DIGITS = re.compile(r"[0-9]{1,17}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_USUAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
_WARC_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
    r"(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?)?)?)?\Z"
)
NEWEST = datetime.max.replace(tzinfo=UTC)
"""A time whose closest capture is the newest one, even if the clock was set back since."""
_MICROSECOND = timedelta(microseconds=1)


class BadTime(ValueError):
    def __init__(self, text: str) -> None:
        super().__init__(
            f"invalid time {text!r}: use digits such as 2026, 20260131 or 20260131120000, or a date such as 2026-01-31"
        )


def timestamp14(at: datetime) -> str:
    """Format a time to the second: ``20260131120000``."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    day = (at.year * 100 + at.month) * 100 + at.day
    return f"{((day * 100 + at.hour) * 100 + at.minute) * 100 + at.second:014}"


def timestamp17(at: datetime) -> str:
    """Format a time to the millisecond: ``20260131120000123``."""
    return f"{timestamp14(at)}{at.microsecond // 1000:03}"


def timestamp_range(text: str) -> tuple[datetime, datetime]:
    """Return the first and the last microsecond that `text` stands for: ``2024`` is a year, ``2024-02`` a month.

    `text` is 1 to 17 digits, or a date or time of ISO 8601, in UTC unless it says otherwise. Raises BadTime.
    """
    text = text.strip()
    digits = text.replace("-", "") if _DATE.fullmatch(text) else text
    try:
        if _DIGITS.fullmatch(digits):
            return _padded(digits)
        return _iso(text)
    except (ValueError, OverflowError):
        raise BadTime(text) from None


def parse_timestamp(text: str, *, end: bool = False) -> datetime:
    """Return the first time that `text` stands for, or with `end` the last: see `timestamp_range`. Raises BadTime."""
    return timestamp_range(text)[end]


def _iso(text: str) -> tuple[datetime, datetime]:
    at = datetime.fromisoformat(text)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    exact = "." in text or "," in text
    return at, at if exact else at + timedelta(seconds=1) - _MICROSECOND


def _padded(digits: str) -> tuple[datetime, datetime]:
    if len(digits) == 14:
        year, month, day, hour, minute, second = int(digits[:4]), *(int(digits[n : n + 2]) for n in range(4, 14, 2))
        first = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return first, first.replace(microsecond=999_999)
    return _edge(digits, end=False), _edge(digits, end=True)


def _edge(digits: str, *, end: bool) -> datetime:
    year = _field(digits[:4], 4, 1, 9999, end=end)
    month = _field(digits[4:6], 2, 1, 12, end=end)
    day = _field(digits[6:8], 2, 1, monthrange(year, month)[1], end=end)
    hour = _field(digits[8:10], 2, 0, 23, end=end)
    minute = _field(digits[10:12], 2, 0, 59, end=end)
    second = _field(digits[12:14], 2, 0, 59, end=end)
    milli = _field(digits[14:17], 3, 0, 999, end=end)
    return datetime(year, month, day, hour, minute, second, milli * 1000 + (999 if end else 0), tzinfo=UTC)


def _field(digits: str, width: int, low: int, high: int, *, end: bool) -> int:
    """Return the smallest or largest value that begins with these digits."""
    low = max(low, int(digits.ljust(width, "0")))
    high = min(high, int(digits.ljust(width, "9")))
    if low > high:
        raise ValueError(digits)
    return high if end else low


def parse_date(text: str) -> datetime | None:
    """Parse a WARC-Date of any precision, from a year to nine decimals, in any zone (W3C date-time); None if invalid.

    A leap second, 23:59:60, becomes the second before it, since Python's times have none.
    """
    try:
        if _USUAL.fullmatch(text) and text[17:19] != "60":
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    found = _WARC_DATE.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        at = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            59 if second == "60" else int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]),
            tzinfo=UTC,
        )
        return at - _offset(zone) if zone and zone != "Z" else at
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta:
    """Return how far a zone, ``+02:00``, is ahead of UTC."""
    ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -ahead if zone[0] == "-" else ahead
