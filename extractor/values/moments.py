"""Parse machine-written times of feeds, sitemaps and `datetime` attributes (RFC 3339, ISO 8601, RFC 822)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"\s*(\d{4})-?(\d\d)(?:-?(\d\d))?"
    r"(?:[T\s]+(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?\s*(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)?)?",
    re.IGNORECASE,
)
_LONGEST = 64
_LEAP_SECOND = re.compile(r"(?<=\d\d:\d\d:)60(?!\d)")


def parse_moment(text: str) -> datetime | None:
    """Parse a time, aware and in UTC; without a zone, it counts as UTC. None if it is invalid.

    A leap second, 23:59:60, counts as the second before it.
    """
    text = _LEAP_SECOND.sub("59", text.strip()[:_LONGEST])
    if match := _ISO.match(text):
        return _from_iso(match)
    try:
        at = parsedate_to_datetime(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parse_http_date(text: str) -> datetime:
    """Parse a date of HTTP or mail (RFC 9110, 5.6.7). A leap second is the second before it. Raises ValueError."""
    return parsedate_to_datetime(_LEAP_SECOND.sub("59", text))


def _from_iso(match: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, fraction, _, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    try:
        zone = timezone(-offset if sign == "-" else offset)
        clock = (int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")))
        return datetime(int(year), int(month), int(day or 1), *clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
