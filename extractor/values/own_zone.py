"""Convert a machine-readable UTC time to the zone of the page, since readers see the day in that zone.

The zone is never guessed: the page must also show the same time in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone
from functools import cache

_FURTHEST = timedelta(hours=14)
_HOUR = timedelta(hours=1)
_UTC = "+00:00"
_TO_THE_MINUTE = len("2026-11-24T10:05")
_SIGNS = (":", "h", "时", "時", "点", "點", "시", "시 ")
"""What stands between hour and minute, as `extractor.values.dates` reads it."""
_MOST_OCTETS = 5 * 4
"""Of three characters and the longest sign."""


def may_be_shown(written: str, page: bytes) -> bool:
    """Return whether a page, in UTF-8, contains the minute of a time elsewhere than in machine-readable times,
    ``T22:04``.

    Otherwise it can't show the time in its own zone. This check is much cheaper than reading the visible dates.
    """
    hour, minute = written[10:13], written[14:16]
    return any(before[-1:].isdecimal() and before != hour for before in _before(page, minute))


def _before(page: bytes, minute: str) -> Iterator[str]:
    """Yield the three characters before the separator of each possible minute."""
    for found in _behind_a_sign(minute).finditer(page):
        hour = page[max(found.start() - _MOST_OCTETS, 0) : found.start()].decode("utf-8", "ignore")
        yield hour.rstrip()[:-1][-3:]


@cache
def _behind_a_sign(minute: str) -> re.Pattern[bytes]:
    """Return a pattern that begins with the digits: they are found much faster than one of several separators."""
    signs = "|".join(f"(?<={sign}{minute})" for sign in _SIGNS)
    return re.compile(f"{minute}(?:{signs})".encode())


def in_own_zone(written: str, others: Iterable[str]) -> str:
    """Return `written` in the form of one of `others`, all in ISO 8601: the same time with a zone, or a time without
    zone that differs by whole hours, exact to the second if it has seconds.
    """
    if not written.endswith(_UTC):
        return written
    moment = datetime.fromisoformat(written)
    for other in others:
        at = datetime.fromisoformat(other) if "T" in other else None
        if at is None:
            continue
        if at.tzinfo is None:
            plain = moment.replace(tzinfo=None)
            away = at - (plain if len(other) > _TO_THE_MINUTE else plain.replace(second=0, microsecond=0))
            if away and abs(away) <= _FURTHEST and not away % _HOUR:
                return moment.astimezone(timezone(away)).isoformat()
        elif at.utcoffset() and abs(at - moment) < timedelta(minutes=1):
            return other
    return written
