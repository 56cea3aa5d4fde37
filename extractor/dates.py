"""Dates as pages write them, turned into ISO 8601 with just the precision and the zone that were given.

``24 November 2026, 10:05`` → ``2026-11-24T10:05``; ``2026年11月24日`` → ``2026-11-24``;
``2026-11-24T10:05:33+0800`` → ``2026-11-24T10:05:33+08:00``. No zone is ever guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_CLOCK = (
    r"(?:(?:[T,\s]|at\b|[|·•–—-]|um\b|星期.|周.|\([^)\d]{1,12}\))*"
    r"(?<!\d)(?P<hour>[01]?\d|2[0-4])(?::|时|點|点)(?P<minute>[0-5]\d)分?(?::?(?P<second>[0-5]\d)(?:\.\d+)?秒?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b))?)?"
)
_DAY = r"(?P<day>[0-3]?\d)"
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec",
    "jän|fév|mär|avr|mai|juin|juil|août|sept|okt|nov|dez",
    "ene|febr|mars|abr|mayo|giu|lug|ago|set|ott|noviembre|dic",
    "январ|феврал|март|апрел|мая|июн|июл|август|сентябр|октябр|ноябр|декабр",
)
_MONTH_NUMBERS = {name: number for row in _MONTHS for number, name in enumerate(row.split("|"), 1)} | {
    "gen": 1,
    "déc": 12,
    "май": 5,
}
_MONTH = r"(?P<month>[^\W\d_]{3,12})\.?"
_FORMS = tuple(
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        rf"(?<![\d/]){_YEAR}\s?(?P<sep>[-/.])\s?(?P<number>[01]?\d)\s?(?P=sep)\s?{_DAY}(?!\d)",
        rf"(?<!\d){_YEAR}\s?年\s?(?P<number>[01]?\d)\s?月\s?{_DAY}\s?日?",
        rf"(?<!\d){_DAY}(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?{_MONTH},?\s+(?:de\s+)?{_YEAR}\b",
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}\b",
        rf"(?<![\d.]){_DAY}\.\s?(?P<number>[01]?\d)\.\s?{_YEAR}\b",
    )
)
_COMPACT = re.compile(rf"^\s*{_YEAR}(?P<number>[01]\d)(?P<day>[0-3]\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d))?\s*$")
_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)|/t((?:19|20)\d\d)(\d\d)(\d\d)_"
)
_WINDOW = 400


def read_date(text: str) -> str | None:
    """The first date in a short text, in ISO 8601; None when there is none. Only the first 400 characters are read."""
    return next(dates_in(text[:_WINDOW]), None)


def dates_in(text: str) -> Iterator[str]:
    """All dates of a text, in the order in which they stand."""
    compact = _COMPACT.match(text)
    matches = [compact] if compact else [match for form in _FORMS for match in form.finditer(text)]
    for match in sorted(matches, key=re.Match.start):
        written = _iso(match)
        if written:
            yield written


def date_in_path(url: str) -> str | None:
    """The day that a URL's path names: ``/2026/11/24/``, ``/20261124/``, ``t20261124_``."""
    match = _IN_PATH.search(url.partition("?")[0])
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return _day(year, month, day)


def _iso(match: re.Match[str]) -> str | None:
    parts = match.groupdict()
    month = int(parts["number"]) if parts.get("number") else _month_number(parts.get("month") or "")
    day = _day(int(parts["year"]), month, int(parts["day"]))
    return day and day + _clock(parts)


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month_number(name: str) -> int:
    """1 to 12; 0 when it is no month's name."""
    name = name.lower()
    for length in range(min(len(name), 9), 2, -1):
        if number := _MONTH_NUMBERS.get(name[:length]):
            return number
    return 0


def _clock(parts: dict[str, str | None]) -> str:
    """``T10:05:33+08:00``, as far as it was written; empty when no time was."""
    hour, minute = parts.get("hour"), parts.get("minute")
    if hour is None or minute is None:
        return ""
    number = int(hour)
    if half := parts.get("half"):
        number = number % 12 + (12 if half.lower() == "p" else 0)
    if number > 23:
        return ""
    second = parts.get("second")
    return f"T{number:02}:{minute}{f':{second}' if second else ''}{_zone(parts.get('zone'))}"


def _zone(written: str | None) -> str:
    if not written:
        return ""
    if written[0] not in "+-":
        return "+00:00"
    return f"{written[:3]}:{written[-2:]}"
