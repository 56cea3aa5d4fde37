"""Convert dates in pages to ISO 8601, with exactly the given precision and zone.

``24 November 2026, 10:05`` → ``2026-11-24T10:05``; ``2026年11月24日`` → ``2026-11-24``;
``2026-11-24T10:05:33+0800`` → ``2026-11-24T10:05:33+08:00``. No zone is ever guessed, and ``03/04/2026`` is only read
if the caller knows whether the day comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from extractor.values.numerals import plain_numbers

_ZONES = {
    name: hours
    for hours, names in {
        0: "z utc gmt wet",
        1: "cet west",
        2: "cest eet",
        3: "eest msk",
        8: "hkt sgt",
        9: "jst kst",
        -4: "edt",
        -5: "est cdt",
        -6: "mdt",
        -7: "mst pdt",
        -8: "pst",
    }.items()
    for name in names.split()
}
"""Zones with a mostly unambiguous abbreviation, unlike CST, IST and BST."""
_YEAR = r"(?P<year>(?:18|19|20)\d\d)"
_CLOCK = (
    r"(?:(?:[T,\s]|at\b|[|·•–—-]|um\b|à\b|星期.|周.|\([^)\d]{1,12}\))*"
    r"(?P<noon>上午|下午|晚上|凌晨|中午|午前|午後|오전|오후)?\s?"
    r"(?<!\d)(?P<hour>[01]?\d|2[0-4])(?::|h(?=\d)|时|時|點|点|시\s?)(?P<minute>[0-5]\d)[分분]?"
    r"(?::?(?P<second>[0-5]\d)(?:[.,]\d+)?秒?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    rf"(?:\s*(?P<zone>(?:(?:UTC|GMT)[+-]\d\d?(?::?\d\d)?|[+-]\d\d:?\d\d|{'|'.join(_ZONES)})\b))?)?"
)
_AFTERNOON = frozenset(("下午", "晚上", "午後", "오후", "p"))
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
        rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<number>[01]?\d)\s?[月월]\s?{_DAY}\s?[日号號일]?",
        rf"(?<!\d){_DAY}(?:st|nd|rd|th|er|\.|º)?\s+(?:de\s+|of\s+)?{_MONTH},?\s+(?:de\s+|del\s+)?{_YEAR}\b",
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}\b",
        rf"(?<![\d-]){_DAY}-{_MONTH}-{_YEAR}\b",
        rf"(?<!\d){_YEAR}(?:,|\.(?=\s(?-i:[a-záö])))?\s+{_MONTH}\s+{_DAY}\b",
        rf"(?<![\d.]){_DAY}\.\s?(?P<number>[01]?\d)\.\s?{_YEAR}\b(?!:\d)",
        rf"(?<![\d/.-])(?P<one>[0-3]?\d)(?P<sep>[/-])(?P<other>[0-3]?\d)(?P=sep){_YEAR}\b(?!/)(?:\s-)?",
    )
)
_HAS_YEAR = re.compile(r"(?:18|19|20)\d\d")
_COMPACT = re.compile(rf"^\s*{_YEAR}(?P<number>[01]\d)(?P<day>[0-3]\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d))?\s*$")
_EPOCH = re.compile(r"^\s*(1\d{9})(?:\d{3})?\s*$")
_IN_PATH = re.compile(
    r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)|/t((?:19|20)\d\d)(\d\d)(\d\d)_"
    r"|/((?:19|20)\d\d)/[A-Za-z_]+/([01]?\d)/([0-3]?\d)/"
)
_WINDOW = 400
_SHORT = re.compile(
    r"(?<![\d/.-])(?P<one>[0-3]\d|\d(?=/))(?P<sep>[./])(?P<other>[0-3]\d|\d(?=/))(?P=sep)(?P<short>\d\d)"
    rf"(?![\d/-]|\.\d){_CLOCK}",
    re.IGNORECASE,
)
_CENTURY = 80


def read_date(text: str, *, day_first: bool | None = None) -> str | None:
    """Return the first date in a short text, in ISO 8601, or None. Only the first 400 characters are read.

    `day_first` decides about ``03/04/2026``; None reads only unambiguous dates: ``24/11/2026``.
    """
    text = text[:_WINDOW]
    # most texts begin with a date for machines: no other form begins before it
    match = _FORMS[0].match(text) if text.isascii() else None
    written = _iso(match, day_first) if match else None
    return written or next(dates_in(text, day_first=day_first), None)


def whole_date(text: str) -> str | None:
    """Return the date, in ISO 8601, of which a short text consists; None if there is anything else in it."""
    text = plain_numbers(text[:_WINDOW].strip())
    matches = (form.fullmatch(text) for form in (_COMPACT, *_FORMS))
    return next(filter(None, (_iso(match, None) for match in matches if match)), None)


def dates_in(text: str, *, day_first: bool | None = None) -> Iterator[str]:
    """Yield all dates in a text, in order."""
    text = plain_numbers(text)
    if epoch := _EPOCH.match(text):
        yield datetime.fromtimestamp(int(epoch[1]), UTC).isoformat()
        return
    compact = _COMPACT.match(text)
    yield from (written for written, _ in _read(text, [compact] if compact else _matches(text), day_first))


def date_between(text: str, *, day_first: bool | None = None) -> tuple[str, str, str] | None:
    """Return the first date in a short text, in ISO 8601, and the texts before and after it; None without a date.

    `day_first` is as for `read_date`.
    """
    text = plain_numbers(text[:_WINDOW])
    for written, match in _read(text, _matches(text), day_first):
        return written, text[: match.start()], text[match.end() :]
    return None


def _matches(text: str) -> Iterator[re.Match[str]]:
    return (match for form in _FORMS for match in form.finditer(text))


def _read(text: str, matches: Iterable[re.Match[str]], day_first: bool | None) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the dates among some matches in a text, in order, each with its match."""
    if not _HAS_YEAR.search(text):
        return
    for match in sorted(matches, key=re.Match.start):
        if written := _iso(match, day_first):
            yield written, match


def short_date_between(text: str, *, day_first: bool | None) -> tuple[str, str, str] | None:
    """Return a date with a year of two digits, ``24.11.26`` or ``11/24/26``, and the texts before and after it.

    `day_first` is as for `read_date`; but the year may come first, too, so only ``11/24/26`` is unambiguous.
    """
    text = plain_numbers(text)
    match = _SHORT.search(text)
    if match is None:
        return None
    month_first = match["sep"] == "/" and (int(match["other"]) > 12 or (day_first is False and int(match["one"]) <= 12))
    if not (day_first or month_first):
        return None
    month, day = _month_and_day(match.groupdict(), day_first)
    year = int(match["short"]) + (1900 if int(match["short"]) >= _CENTURY else 2000)
    written = iso_day(year, month, day)
    return (written + clock_of(match.groupdict()), text[: match.start()], text[match.end() :]) if written else None


def date_in_path(url: str) -> str | None:
    """Return the day in a URL's path: ``/2026/11/24/``, ``/2026/science/11/24/``, ``/20261124/``, ``t20261124_``."""
    match = _IN_PATH.search(url.partition("?")[0])
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return iso_day(year, month, day)


def days_in_chinese(day: str) -> tuple[str, str]:
    """Return a day in ISO 8601 as Chinese pages write it, with and without zeros: 2026年03月04日, 2026年3月4日."""
    year, month, date = day.split("-")
    return f"{year}年{month}月{date}日", f"{year}年{int(month)}月{int(date)}日"


def _iso(match: re.Match[str], day_first: bool | None) -> str | None:
    parts = match.groupdict()
    month, day = _month_and_day(parts, day_first)
    written = iso_day(int(parts["year"] or 0), month, day)
    return written and written + clock_of(parts)


def _month_and_day(parts: dict[str, str | None], day_first: bool | None) -> tuple[int, int]:
    """Return month and day; zeros if their order is unknown."""
    if (one := parts.get("one")) and (other := parts.get("other")):
        first, second = int(one), int(other)
        if first == second or second > 12 or (first <= 12 and day_first is False):
            return first, second
        return (second, first) if first > 12 or day_first else (0, 0)
    number, day = parts.get("number"), int(parts.get("day") or 0)
    return (int(number) if number else _month_number(parts.get("month") or "")), day


def iso_day(year: int, month: int, day: int) -> str | None:
    """Return the day in ISO 8601; None if it does not exist."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month_number(name: str) -> int:
    """Return 1 to 12; 0 if it is not the name of a month."""
    name = name.lower()
    for length in range(min(len(name), 9), 2, -1):
        if number := _MONTH_NUMBERS.get(name[:length]):
            return number
    return 0


def clock_of(parts: dict[str, str | None]) -> str:
    """Return ``T10:05:33+08:00``, with the given precision; empty without a time."""
    hour, minute = parts.get("hour"), parts.get("minute")
    if hour is None or minute is None:
        return ""
    number = int(hour)
    if half := parts.get("half"):
        number = number % 12 + (12 if half.lower() in _AFTERNOON else 0)
    elif parts.get("noon") in _AFTERNOON and number < 12:
        number += 12
    if number > 23:
        return ""
    second = parts.get("second")
    return f"T{number:02}:{minute}{f':{second}' if second else ''}{_zone(parts.get('zone'))}"


def _zone(written: str | None) -> str:
    """Return ``+08:00`` for ``+0800``, ``GMT+8`` and ``HKT``; empty for an invalid zone."""
    if not written:
        return ""
    hours = _ZONES.get(written.lower())
    if hours is not None:
        return f"{hours:+03}:00"
    offset = written.lower().lstrip("utcgm")
    digits = offset[1:].replace(":", "")
    hour, minute = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return f"{offset[0]}{hour:0>2}:{minute}" if int(hour) <= 14 and int(minute) % 15 == 0 else ""
