"""Times for people: in the zone of the site, with UTC in addition, and relative to now."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from pressmark.http.catalog import translator
from pressmark.http.reader import reader, say
from pressmark.http.words import N_

_DAYS = 60
"""Beyond these, a date says more than the number."""
_UNITS = (
    (86_400, N_("%(count)s d ago"), N_("in %(count)s d")),
    (3_600, N_("%(count)s h ago"), N_("in %(count)s h")),
    (60, N_("%(count)s min ago"), N_("in %(count)s min")),
    (1, N_("%(count)s s ago"), N_("in %(count)s s")),
)
DURATIONS = (
    N_("%(count)s day"),
    N_("%(count)s days"),
    N_("%(count)s hour"),
    N_("%(count)s hours"),
    N_("%(count)s minute"),
    N_("%(count)s minutes"),
    N_("%(count)s second"),
    N_("%(count)s seconds"),
)
"""The parts of a duration in words, as `config.duration` writes it."""
EVERY = (
    N_("every day"),
    N_("every %(count)s days"),
    N_("every hour"),
    N_("every %(count)s hours"),
    N_("every minute"),
    N_("every %(count)s minutes"),
    N_("every second"),
    N_("every %(count)s seconds"),
    N_("every %(duration)s"),
)
"""How often a source is due, as `pressmark.views.source_lines` writes it."""
_PART = r"\d+ (?:day|hour|minute|second)s?"
_DURATION = re.compile(rf"{_PART}(?: {_PART})*")


def local(at: datetime) -> str:
    """Format ``2026-01-31 20:00:00``, as the clocks of the site show it."""
    return clock(at, reader.get().zone)


def clock(at: datetime, zone: str) -> str:
    """Format ``2026-01-31 20:00:00``, as the clocks of any zone show it."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def moment(at: datetime | None, near: bool = False) -> Markup:
    """Format a time for a page, with UTC in addition; with `near`, relative to now, too. A dash for none."""
    if at is None:
        return Markup('<span class="soft">–</span>')
    shown = _time(at, reader.get().zone)
    return shown + Markup(' <span class="soft near">{}</span>').format(relative_time(at)) if near else shown


@lru_cache(maxsize=1 << 12)
def _time(at: datetime, zone: str) -> Markup:
    made = Markup('<time datetime="{}" title="{}">{}</time>')
    return made.format(at.isoformat(), utc(at), clock(at, zone))


def utc(at: datetime) -> str:
    """Format ``2026-01-31 12:00:00 UTC``."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def in_zone(at: datetime, zone: str) -> str:
    """Format ``2026-01-31 20:00+08:00``, as the clocks of another zone show it."""
    return at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")


def published(date: str) -> str:
    """Format when a page says that it was published, in its own zone:

    ``2026-01-30 08:00 +01:00``, as precise as it says.
    """
    try:
        at = datetime.fromisoformat(date)
    except ValueError:
        return date
    day, clock, zone = at.strftime("%Y-%m-%d"), at.strftime("%H:%M"), at.isoformat(timespec="seconds")[19:]
    return f"{day} {clock} {'UTC' if zone == '+00:00' else zone}".strip() if "T" in date else date


def relative_time(at: datetime) -> Any:
    """Format ``5 min ago``, ``in 3 h``; nothing for distant times."""
    seconds = round((reader.get().now - at).total_seconds())
    size, past, future = next((unit for unit in _UNITS if abs(seconds) >= unit[0]), _UNITS[-1])
    if abs(seconds) > _DAYS * 86_400:
        return ""
    return say(past if seconds >= 0 else future, count=abs(seconds) // size)


def translated_duration(text: str, language: str) -> str | None:
    """Translate a duration in words, ``1 hour 30 minutes``; None for any other text."""
    if not _DURATION.fullmatch(text):
        return None
    parts = re.finditer(r"(\d+) (\w+)", text)
    return " ".join(str(translator(language)(f"%(count)s {part[2]}")) % {"count": part[1]} for part in parts)
