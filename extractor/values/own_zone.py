"""A moment that a page gives to machines in UTC, told in the page's own zone: its day is the one that readers see.

The zone is never guessed: the page says the same moment in it, too.
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
    """Whether a page, in UTF-8, writes the minute of a moment anywhere but in that moment for machines, ``T22:04``.

    Otherwise it can't show it in its own zone. That is told far sooner than what the page shows.
    """
    hour, minute = written[10:13], written[14:16]
    return any(before[-1:].isdecimal() and before != hour for before in _before(page, minute))


def _before(page: bytes, minute: str) -> Iterator[str]:
    """The three characters before the sign of each place that may name the minute."""
    for found in _behind_a_sign(minute).finditer(page):
        hour = page[max(found.start() - _MOST_OCTETS, 0) : found.start()].decode("utf-8", "ignore")
        yield hour.rstrip()[:-1][-3:]


@cache
def _behind_a_sign(minute: str) -> re.Pattern[bytes]:
    """Its figures come first: they are looked for much faster than one of several signs."""
    signs = "|".join(f"(?<={sign}{minute})" for sign in _SIGNS)
    return re.compile(f"{minute}(?:{signs})".encode())


def in_own_zone(written: str, others: Iterable[str]) -> str:
    """`written` as one of `others` says it, all in ISO 8601: one with a zone that is the same moment, or one without
    that is whole hours away, to the second where it tells seconds.
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
