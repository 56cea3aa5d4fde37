"""Convert times relative to the capture: ``3 hours ago``, ``昨天 15:04``, ``Monday at 9:14 PM``.

The result has the precision of the text: minutes and hours give a minute, days and weeks a day, months a month, years a
year. A number of hours gives a time in UTC; ``yesterday`` and names of days are days in the zone of `seen`, and their
time of day has no zone, as on the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from extractor.values.dates import clock_of
from extractor.values.numerals import plain_numbers

_UNITS = {
    "second": "seconds second secs sec sekunden sekunde secondes seconde segundos segundo 秒钟 秒鐘 秒 초 секунд",
    "minute": "minutes minute mins min minuten minutos minuto 分钟 分鐘 分 분 минут",
    "hour": "hours hour hrs hr stunden stunde heures heure horas hora 小时 小時 时 時間 時 시간 час",
    "day": "days day tagen tag jours jour días día dias dia 天 日 일 дн",
    "week": "weeks week wochen woche semaines semaine semanas semana 星期 周 週間 週 주 недел",
    "month": "months month monaten monat mois meses mes 个月 個月 か月 ヶ月 개월 месяц",
    "year": "years year jahren jahr ans an años año 年 년 лет",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_NAMES = "|".join(sorted(_UNIT_OF, key=len, reverse=True))
_NUMBER = r"(?P<number>\d{1,3}|half an?|a few|an?|ein(?:em|er)?|une?|[半几一二两兩三四五六七八九十]|two|three)"
_MORE = rf"(?:(?P<more>\d{{1,3}})\s*(?P<larger>{_NAMES})[a-z]*[\s,]*(?:and\s+)?)?"
"""``2 years, `` before ``3 months ago``."""
_COUNTED = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_MORE}\b{_NUMBER}\s*(?P<unit>{_NAMES})\w*\.?\s+ago\b",
        rf"\bvor\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"\bil y a\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"\bhace\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"{_MORE}{_NUMBER}\s*(?P<unit>{_NAMES})\s*(?:之前|以前|前|전)",
        rf"\b{_NUMBER}\s+(?P<unit>{_NAMES})\w*\s+назад",
        r"^\W*(?P<number>\d{1,3})(?P<short>mo|[smhdwy])\b(?:\s+ago)?\W*$",
    )
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "year": 12}
_SHORT = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_NOW = re.compile(r"\b(?:just now|moments? ago|gerade eben|à l'instant)\b|刚刚|剛剛|刚才|たった今|방금", re.IGNORECASE)
# Names are separated by spaces; a name of two words goes to _BACK.
_DAY_NAMES = {
    "today heute hoy 今天 今日 오늘": 0,
    "yesterday gestern hier ayer 昨天 昨日 어제 вчера": 1,
    "vorgestern 前天 一昨日 그저께": 2,
    "大前天": 3,
}
_BACK = {name: days for names, days in _DAY_NAMES.items() for name in names.split()} | {"aujourd'hui": 0, "сегодня": 0}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("monday mon 一", "tuesday tues tue 二", "wednesday wed 三", "thursday thurs thu 四", "friday fri 五",
         "saturday sat 六", "sunday sun 日 天")
    )
    for name in names.split()
}  # fmt: skip
_IDEOGRAPHS = "".join(name for name in _WEEKDAYS if not name.isascii())
_CALLED = re.compile(
    rf"(?<![^\W\d_])(?:(?P<day>{'|'.join(sorted(_BACK, key=len, reverse=True))})"
    rf"|(?:last\s+)?(?P<weekday>{'|'.join(filter(str.isascii, _WEEKDAYS))})\.?"
    rf"|(?P<week>上)?(?:周|週|星期|礼拜|禮拜)(?P<weekday_zh>[{_IDEOGRAPHS}]))(?![a-zà-я])"
    r"(?P<rest>.{0,40})",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"^(?:[\s,:|·•–—-]|at\b|um\b|à\b)*(?P<noon>上午|下午|晚上|凌晨|中午|午前|午後|오전|오후)?\s?"
    r"(?P<hour>[01]?\d|2[0-4])[:h时時](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_LONGEST = 200
_COUNTS = {"半": 0.5, "half a": 0.5, "half an": 0.5, "几": 3, "a few": 3, "two": 2, "three": 3, "两": 2, "兩": 2}
_COUNTS |= {figure: number for number, figure in enumerate("一二三四五六七八九十", 1)}


def relative_date(text: str, seen: datetime) -> str | None:
    """Return the first such time in a short text, in ISO 8601, or None.

    `seen` is an aware time, in the zone of the page's readers if known.
    """
    found = _first(plain_numbers(text[:_LONGEST]), seen)
    return found.written if found else None


def relative_date_between(text: str, seen: datetime) -> tuple[str, str, str] | None:
    """Return the time with the texts before and after it.

    Here, the name of a day needs a time of day, since it may be part of another name, and so does ``3d``, which may
    mean something else.
    """
    text = plain_numbers(text)
    found = _first(text, seen)
    if found is None or not found.is_sure:
        return None
    return found.written, text[: found.start], text[found.end :]


class _WrittenTime(NamedTuple):
    """A time, its place, and whether its form is unambiguous."""

    written: str
    start: int
    end: int
    is_sure: bool = True


def _first(text: str, seen: datetime) -> _WrittenTime | None:
    if now := _NOW.search(text):
        return _WrittenTime(_minute(seen), *now.span())
    for form in _COUNTED:
        if match := form.search(text):
            parts = match.groupdict()
            unit = _SHORT[parts["short"].lower()] if "short" in parts else _UNIT_OF[parts["unit"].lower()]
            spans = [(_count(parts["number"].lower()), unit)]
            if parts.get("more"):
                spans.append((int(parts["more"]), _UNIT_OF[parts["larger"].lower()]))
            return _WrittenTime(_before(seen, spans), *match.span(), "short" not in parts)
    called = _CALLED.search(text)
    return _called_day(called, seen) if called else None


def _count(written: str) -> float:
    return float(written) if written.isdecimal() else _COUNTS.get(written, 1)


def _before(seen: datetime, spans: Sequence[tuple[float, str]]) -> str:
    """Return the time that long before, with the precision of the first unit."""
    months = int(sum(number * _MONTHS[unit] for number, unit in spans if unit in _MONTHS))
    lasted = timedelta(seconds=sum(number * _SECONDS[unit] for number, unit in spans if unit in _SECONDS))
    unit = spans[0][1]
    if not months and unit in ("second", "minute", "hour"):
        return _minute(seen - lasted)
    year, month = divmod(seen.year * 12 + seen.month - 1 - months, 12)
    if unit == "year":
        return f"{year:04}"
    if months:
        return f"{year:04}-{month + 1:02}"
    return (seen - lasted).date().isoformat()


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="minutes")


def _called_day(called: re.Match[str], seen: datetime) -> _WrittenTime | None:
    """Return a day by its name. A weekday needs a time of day, since its name alone may mean anything."""
    clock = _CLOCK.match(called["rest"])
    if called["day"]:
        back = _BACK[called["day"].lower()]
    elif clock:
        weekday = _WEEKDAYS[called["weekday_zh"] or called["weekday"].lower()]
        back = seen.weekday() + 7 - weekday if called["week"] else (seen.weekday() - weekday - 1) % 7 + 1
    else:
        return None
    day = (seen - timedelta(days=back)).date().isoformat()
    if clock is None:
        return _WrittenTime(day, called.start(), called.start("rest"), is_sure=False)
    return _WrittenTime(day + clock_of(clock.groupdict()), called.start(), called.start("rest") + clock.end())
