"""Cron expressions of five fields, as crontab(5) reads them: Sunday is 0 or 7, two restricted days mean either."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, read. Its local times are nominal: a zone makes moments of them."""

    times: tuple[time, ...]
    """The times of a matching day, ascending."""
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    either_day: bool
    """Both the day of the month and of the week are restricted, and one of them is enough."""

    def falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week


def parse_cron(text: str) -> Cron:
    """Raises ValueError with a sentence that names the field."""
    fields = _MACROS.get(text.strip().lower(), text).split()
    if len(fields) != 5:
        raise ValueError(_wrong_count(text, len(fields)))
    minutes = _field("minute", fields[0], 0, 59, {})
    hours = _field("hour", fields[1], 0, 23, {})
    cron = Cron(
        times=tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
        days=_field("day of the month", fields[2], 1, 31, {}),
        months=_field("month", fields[3], 1, 12, _MONTHS),
        weekdays=frozenset(day % 7 for day in _field("day of the week", fields[4], 0, 7, _WEEKDAYS)),
        either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )
    if not cron.either_day and min(cron.days) > max(_LONGEST_MONTHS[month - 1] for month in cron.months):
        raise ValueError(f"the cron expression {text!r} never comes: no such month has a day {min(cron.days)}")
    return cron


def _wrong_count(text: str, count: int) -> str:
    if text.strip().startswith("@"):
        return f"{text!r} is no cron expression; known names are {', '.join(_MACROS)}"
    named = "minute, hour, day of the month, month, day of the week"
    return f"the cron expression {text!r} has {count} {'field' if count == 1 else 'fields'}, it needs five: {named}"


def _field(name: str, text: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, last = _span(name, span, low, high, names, open_ended=bool(slash))
        values.update(range(first, last + 1, _step(name, step) if slash else 1))
    return frozenset(values)


def _span(name: str, text: str, low: int, high: int, names: Mapping[str, int], *, open_ended: bool) -> tuple[int, int]:
    if text == "*":
        return low, high
    begin, dash, end = text.partition("-")
    first = _number(name, begin, low, high, names)
    last = _number(name, end, low, high, names) if dash else (high if open_ended else first)
    if name == "day of the week" and dash and last == 0:
        last = 7  # fri-sun
    if first > last:
        raise ValueError(f"the {name} {text!r} of the cron expression runs backwards")
    return first, last


def _number(name: str, text: str, low: int, high: int, names: Mapping[str, int]) -> int:
    number = names.get(text.lower(), int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1)
    if not low <= number <= high:
        words = f" or {next(iter(names))}-{list(names)[-1]}" if names else ""
        raise ValueError(f"the {name} {text!r} of the cron expression is not {low}-{high}{words}")
    return number


def _step(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:5]) > 0 and len(text) < 5):
        raise ValueError(f"the step {text!r} of the cron expression's {name} is not a number from 1 up")
    return int(text)
