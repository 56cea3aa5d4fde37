"""Times that a page tells by the moment at which it is seen: ``3 hours ago``, ``昨天 15:04``, ``Monday at 9:14 PM``.

What is given back is as precise as what was written: minutes and hours give a minute, days and weeks a day, months a
month, years a year. A count of hours is a moment in UTC; ``yesterday`` and the names of days are days of the zone in
which the page was seen, and their clock has no zone, as on the page.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from extractor.dates import clock_of
from extractor.numerals import plain_numbers

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
_NUMBER = r"(?P<number>\d{1,3}|an?|ein(?:em|er)?|une?|半|几|一|two|three)"
_COUNTED = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_NUMBER}\s*(?P<unit>{_NAMES})\w*\s+ago\b",
        rf"\bvor\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"\bil y a\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"\bhace\s+{_NUMBER}\s*(?P<unit>{_NAMES})\b",
        rf"{_NUMBER}\s*(?P<unit>{_NAMES})\s*(?:之前|以前|前|전)",
        rf"\b{_NUMBER}\s+(?P<unit>{_NAMES})\w*\s+назад",
        r"^\W*(?P<number>\d{1,3})(?P<short>mo|[smhdwy])\b(?:\s+ago)?\W*$",
    )
)
_SHORT = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_NOW = re.compile(r"\b(?:just now|moments? ago|gerade eben|à l'instant)\b|刚刚|剛剛|刚才|たった今|방금", re.IGNORECASE)
_DAY_NAMES = {
    "today heute hoy 今天 今日 오늘": 0,
    "yesterday gestern hier ayer 昨天 昨日 어제 вчера": 1,
    "vorgestern 前天 一昨日 그저께": 2,
}
_BACK = {name: days for names, days in _DAY_NAMES.items() for name in names.split()} | {"aujourd'hui": 0, "сегодня": 0}
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CALLED = re.compile(
    rf"(?<![^\W\d_])(?:(?P<day>{'|'.join(_BACK)})|(?:last\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)}))(?![a-zà-я])"
    r"(?P<rest>.{0,40})",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"^(?:[\s,:|·•–—-]|at\b|um\b|à\b)*(?P<noon>上午|下午|晚上|凌晨|中午|午前|午後|오전|오후)?\s?"
    r"(?P<hour>[01]?\d|2[0-4])[:h时時](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?:\s*(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_LONGEST = 200
_COUNTS = {"半": 0.5, "几": 3, "two": 2, "three": 3}


def relative_date(text: str, seen: datetime) -> str | None:
    """The first such time in a short text, in ISO 8601; None when there is none.

    `seen` is aware; give it in the zone of the page's readers where that is known.
    """
    text = plain_numbers(text[:_LONGEST])
    if _NOW.search(text):
        return _minute(seen)
    for form in _COUNTED:
        if match := form.search(text):
            unit = _SHORT[match["short"].lower()] if "short" in match.groupdict() else _UNIT_OF[match["unit"].lower()]
            return _before(seen, _count(match["number"].lower()), unit)
    called = _CALLED.search(text)
    return _called_day(called, seen) if called else None


def _count(written: str) -> float:
    return float(written) if written.isdecimal() else _COUNTS.get(written, 1)


def _before(seen: datetime, number: float, unit: str) -> str:
    if unit in ("second", "minute", "hour"):
        return _minute(seen - timedelta(**{f"{unit}s": number}))
    if unit in ("day", "week"):
        return (seen - timedelta(days=number * (7 if unit == "week" else 1))).date().isoformat()
    months = seen.year * 12 + seen.month - 1 - int(number * (12 if unit == "year" else 1))
    year, month = divmod(months, 12)
    return f"{year:04}" if unit == "year" else f"{year:04}-{month + 1:02}"


def _minute(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="minutes")


def _called_day(called: re.Match[str], seen: datetime) -> str | None:
    """A day by its name. The name of a weekday alone may mean anything: it needs a clock."""
    clock = _CLOCK.match(called["rest"])
    if called["day"]:
        back = _BACK[called["day"].lower()]
    elif clock:
        back = (seen.weekday() - _WEEKDAYS.index(called["weekday"].lower()) - 1) % 7 + 1
    else:
        return None
    day = (seen - timedelta(days=back)).date().isoformat()
    return day + (clock_of(clock.groupdict()) if clock else "")
