"""Read cron expressions of five fields, as crontab(5) does: Sunday is 0 or 7, two restricted days mean either.

cronsim parses them. It works on local times without a zone; `scheduler.timetables.timetable` converts its results to
moments, so that one rule for summer time covers `cron` and `at`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = {
    "minute": "0-59",
    "hour": "0-23",
    "day of the month": "1-31 or L, the last",
    "month": "1-12 or jan-dec",
    "day of the week": "0-7 or sun-sat",
}
_TO_SUNDAY = re.compile(r"-(?:sun|0)(?![\w#])", re.IGNORECASE)
_BEGINNING = datetime(2000, 1, 1)  # noqa: DTZ001 (local times have no zone here)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """A valid cron expression."""

    expression: str
    """Five fields, as cronsim takes them."""

    def between(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """Return the matching local times from the second of `first` to `last`, ascending. No time has a zone."""
        for local in CronSim(self.expression, first - _SECOND):
            if local > last:
                return
            yield local


@lru_cache(maxsize=1 << 12)
def parse_cron(text: str) -> Cron:
    """Parse an expression. Raises ValueError with a sentence that names the invalid field."""
    fields = _MACROS.get(text.strip().lower(), text).split()
    if len(fields) != len(_FIELDS):
        raise ValueError(_wrong_count(text, len(fields)))
    fields[4] = _TO_SUNDAY.sub("-7", fields[4])
    expression = " ".join(fields)
    if not _is_valid(expression):
        raise ValueError(_fault(text, fields))
    return Cron(expression)


def _is_valid(expression: str) -> bool:
    try:
        next(CronSim(expression, _BEGINNING))
    except (CronSimError, StopIteration, ValueError):
        return False
    return True


def _wrong_count(text: str, count: int) -> str:
    if text.strip().startswith("@"):
        return f"{text!r} is not a cron expression; known names are {', '.join(_MACROS)}"
    noun = "field" if count == 1 else "fields"
    return f"the cron expression {text!r} has {count} {noun}; it needs five: {', '.join(_FIELDS)}"


def _fault(text: str, fields: list[str]) -> str:
    """Describe the field that is invalid by itself; if none is, the fields together match no day."""
    for number, (name, values) in enumerate(_FIELDS.items()):
        alone = ["*"] * len(_FIELDS)
        alone[number] = fields[number]
        if not _is_valid(" ".join(alone)):
            ways = "single values, ascending ranges A-B, steps */N from 1 up, and lists of these with commas"
            return f"the {name} {fields[number]!r} of the cron expression is not {values}; it takes {ways}"
    return f"the cron expression {text!r} never matches: that month has no such day"
