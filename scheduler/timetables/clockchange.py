"""When the clocks of a time zone are next set forward or back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_STEP = timedelta(days=1)
_HORIZON = timedelta(days=400)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change of the UTC offset from a moment on."""

    at: datetime
    """In UTC."""
    before: timedelta
    after: timedelta

    @property
    def forward(self) -> bool:
        return self.after > self.before


def next_change(zone: str, since: datetime, within: timedelta = _HORIZON) -> ClockChange | None:
    """Return the next change after a moment, to the minute; None when there is none in that time."""
    info = ZoneInfo(zone)
    at, end = since.astimezone(UTC), since.astimezone(UTC) + within
    while at < end:
        if _offset(info, at) != _offset(info, at + _STEP):
            return _between(info, at, at + _STEP)
        at += _STEP
    return None


def _between(info: ZoneInfo, early: datetime, late: datetime) -> ClockChange:
    before = _offset(info, early)
    while late - early > _MINUTE:
        middle = early + (late - early) / 2
        early, late = (middle, late) if _offset(info, middle) == before else (early, middle)
    at = late.replace(second=0, microsecond=0)
    return ClockChange(at, before, _offset(info, late))


def _offset(info: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(info).utcoffset() or timedelta(0)
