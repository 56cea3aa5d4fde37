"""Read the times of posts, and make relative ones absolute by the time of capture.

The times of a thread are read together: they share a format, so the others show the order of day and month in
03-04-2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from extractor.values.dates import iso_day, read_date
from extractor.values.relative import relative_date

_LONGEST = 200
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})(?:[:h]|\.(?=\d\d ?(?:uhr|[ap]m)))(\d\d)(?::(\d\d))?(?!\d)\s*(?:([ap])\.?m\b)?"
    r"|(?<!\d)(\d{1,2})\s?([ap])\.?m\b",
    re.IGNORECASE,
)
_NAMED_CLOCK = re.compile(r", (midnight|noon)(?=$| - )")
"""Django's words for these two times."""
_NUMBERS = re.compile(r"(?<![\d./-])(\d{1,2})([-/.])\s?(\d{1,2})\2\s?'?(\d{4}|\d\d)(?![\d/-])")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d\d)([-/.年])(\d{1,2})[-/.月](\d{1,2})(?!\d)")
_SHORT_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]([^\W\d_]{3,9})\.?,?[\s-]'?(\d\d)(?![\d:])"
    r"|\b([^\W\d_]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?,?\s'(\d\d)(?!\d)",
    re.IGNORECASE,
)
_NO_YEAR = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?\s([^\W\d_]{3,9})\b(?!\.?,?\s?\d{4})"
    r"|\b([^\W\d_]{3,9})\.?\s(\d{1,2})(?:st|nd|rd|th)?(?![\d:]|,?\s?\d{4})"
    r"|(?<!\d)(\d{1,2})(?:月|-|/)(\d{1,2})(?:日|\b)",
    re.IGNORECASE,
)
_DAY_NAME = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)(?:[a-z]*day|s|rs)?\b", re.IGNORECASE)
_ZONE = re.compile(r"\b(?:GMT|UTC)\s?([+-])\s?(\d{1,2})(?::?(\d\d))?(?!\d)")


@dataclass(frozen=True, slots=True)
class ShownTime:
    """A time on a page: for machines, and for readers."""

    machine: str | None = None
    """ISO 8601, or seconds or milliseconds since 1970."""
    written: str | None = None


NOT_SHOWN = ShownTime()

_UTC = re.compile(r"^\s*UTC\s*$|\btimes are (?:UTC|GMT)\b(?!\s*[+-])")


def read_times(
    shown: Sequence[ShownTime], at: datetime | None, *, zone: timezone | None = None, month_first: bool = False
) -> list[str | None]:
    """Return each time of a thread in ISO 8601, with the given precision and zone; None if it can't be read.

    `at` is the time of capture, `zone` the zone that the page declares. `month_first` decides about 03-04-2026 if no
    time of the thread does.
    """
    month_first = _month_first([time.written or "" for time in shown], month_first)
    now = at.astimezone(zone or at.tzinfo) if at is not None else None
    return [_read(time, now, zone, month_first) for time in shown]


def zone_of(text: str) -> timezone | None:
    """Return the zone that a page declares for its times: ``All times are GMT +1``, ``GMT+8, 2026-11-24 23:05``."""
    if match := _ZONE.search(text):
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        if offset <= timedelta(hours=14):
            return timezone(-offset if match[1] == "-" else offset)
    return UTC if _UTC.search(text) else None


def _read(time: ShownTime, now: datetime | None, zone: timezone | None, month_first: bool) -> str | None:
    written = " ".join((time.written or "")[:_LONGEST].split())
    read = _written(written, now, zone, month_first) if written else None
    exact = read_date((time.machine or "").strip()[:_LONGEST])
    if exact is None:
        return read
    return _in_readers_zone(exact, read)


def _in_readers_zone(exact: str, read: str | None) -> str:
    """Return the exact time in the zone of the time for readers; their difference gives the zone."""
    if read is None or len(read) < 16 or "T" not in read:
        return exact
    moment, local = datetime.fromisoformat(exact), datetime.fromisoformat(read)
    if moment.tzinfo is None or local.tzinfo is not None:
        return exact
    quarters = round((local - moment.astimezone(UTC).replace(tzinfo=None)) / timedelta(minutes=15))
    if not -48 <= quarters <= 56:
        return exact
    return moment.astimezone(timezone(timedelta(minutes=15 * quarters))).isoformat(timespec="seconds")


def _written(text: str, now: datetime | None, zone: timezone | None, month_first: bool) -> str | None:
    day = _absolute_day(text, month_first)
    if day is not None:
        if "T" in day:
            return _zoned(day, zone)
        return _zoned(day + _clock(text), zone)
    if now is None:
        return None
    told = relative_date(text, now)
    return _zoned(told, zone) if told is not None else _without_year(text, now, zone)


def _absolute_day(text: str, month_first: bool) -> str | None:
    """Return the day written with its year, and the time of day if `read_date` finds one."""
    if found := read_date(text):
        return found
    if match := _NUMBERS.search(text):
        first, second, year = int(match[1]), int(match[3]), _year(match[4])
        day, month = (second, first) if month_first and match[2] != "." else (first, second)
        return iso_day(year, month, day) or iso_day(year, day, month)
    if match := _SHORT_YEAR.search(text):
        day_, month_, year_ = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        return read_date(f"{day_} {month_} {_year(year_)}")
    if match := _YEAR_FIRST.search(text):
        return iso_day(_year(match[1]), int(match[3]), int(match[4]))
    return None


def _without_year(text: str, now: datetime, zone: timezone | None) -> str | None:
    """Return the last such day before the capture."""
    for match in _NO_YEAR.finditer(_DAY_NAME.sub("", text)):
        day, month = match[1] or match[4], match[2] or match[3]
        for year in (now.year, now.year - 1):
            found = iso_day(year, int(match[5]), int(match[6])) if match[5] else read_date(f"{day} {month} {year}")
            if found and date.fromisoformat(found[:10]) <= now.date():
                return _zoned(found[:10] + _clock(text), zone)
    return None


def _clock(text: str) -> str:
    """Return ``T15:04``; empty without a time of day."""
    if match := _NAMED_CLOCK.search(text):
        return "T00:00" if match[1] == "midnight" else "T12:00"
    for match in _CLOCK.finditer(text):
        hour, half = int(match[1] or match[5]), (match[4] or match[6] or "").lower()
        minute, second = int(match[2] or 0), match[3]
        if half and hour <= 12:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60 and int(second or 0) < 60:
            return f"T{hour:02}:{minute:02}" + (f":{second}" if second else "")
    return ""


def _zoned(written: str, zone: timezone | None) -> str:
    if zone is None or "T" not in written:
        return written
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is not None:
        return written
    return moment.replace(tzinfo=zone).isoformat(timespec="seconds" if written.count(":") > 1 else "minutes")


def _year(written: str) -> int:
    number = int(written)
    return number if number > 99 else number + (2000 if number < 70 else 1900)


def _month_first(written: Iterable[str], otherwise: bool) -> bool:
    """Return whether 03-04-2026 is the fourth of March: some day exceeds 12, or only this order is ascending."""
    pairs = [(int(match[1]), int(match[3]), _year(match[4])) for text in written if (match := _NUMBERS.search(text))]
    if any(first > 12 for first, _, _ in pairs):
        return False
    if any(second > 12 for _, second, _ in pairs):
        return True
    american = _rises([(year, first, second) for first, second, year in pairs])
    european = _rises([(year, second, first) for first, second, year in pairs])
    return american if american != european else otherwise


def _rises(days: list[tuple[int, int, int]]) -> bool:
    return days == sorted(days)
