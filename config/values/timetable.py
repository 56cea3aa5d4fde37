"""The timetable of a source, as the operator writes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Protocol, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from config.duration import Duration
from config.values.cron import parse_cron
from config.values.described import Described
from config.values.time_zone import Zone

ANCHOR = datetime(1970, 1, 5, tzinfo=UTC)
"""The default start of the intervals of `every`: a Monday, midnight UTC."""
_SHORTEST = timedelta(seconds=1)
_SPREAD, _SPREAD_AT_MOST = 10, timedelta(minutes=5)
_CATCH_UP = re.compile(r"skip|once|all:[1-9]\d{0,2}")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def _cron(text: str) -> str:
    parse_cron(text)
    return text


def _catch_up(text: str) -> str:
    if not _CATCH_UP.fullmatch(text):
        raise ValueError(f"invalid catch_up {text!r}: use skip, once or all:N, e.g. all:10")
    return text


def _times(value: Any) -> Any:
    if isinstance(value, str | time):
        value = [value]
    return sorted({_time(text) for text in value}) if isinstance(value, list | tuple) else value


def _time(value: Any) -> time:
    read = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not read or int(read[1]) > 23 or int(read[2]) > 59 or int(read[3] or 0) > 59:
        raise ValueError(f"invalid time of day {value!r}: write it as 06:30")
    return time(int(read[1]), int(read[2]), int(read[3] or 0))


def _clock(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_TIMES_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": _CLOCK.pattern},
        {"type": "array", "items": {"type": "string", "pattern": _CLOCK.pattern}, "minItems": 1},
    ],
    "examples": ["06:30", ["06:30", "18:30"]],
}


class Adaptive(Described):
    """How often each page is fetched again: the more often it changes, the more often, within these bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min: Duration = timedelta(hours=6)
    """Shortest time between two fetches of a page."""
    max: Duration = timedelta(days=30)
    """Longest time between two fetches of a page, also of one that is gone."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min < timedelta(minutes=1):
            raise ValueError("min is shorter than a minute")
        if self.max < self.min:
            raise ValueError("max is shorter than min")
        return self


class Timetable(Described):
    """When a source is crawled: exactly one of cron, every and at; or adaptive alone, which crawls every `min`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cron: Annotated[str, AfterValidator(_cron)] | None = Field(default=None, examples=["0 */6 * * *"])
    """Minute, hour, day of the month (L: the last), month, day of the week, as in crontab(5): Sunday is 0 or 7.

    Or one of the names `"@hourly"`, `"@daily"`, `"@midnight"`, `"@weekly"`, `"@monthly"`, `"@yearly"`, `"@annually"`,
    in quotes: in YAML, no plain value begins with @."""
    every: Duration | None = Field(default=None)
    """Fixed interval, independent of daylight saving time: 15m, 6h, 1d."""
    at: Annotated[
        tuple[time, ...],
        BeforeValidator(_times),
        PlainSerializer(lambda times: [_clock(each) for each in times], when_used="json"),
        WithJsonSchema(_TIMES_SCHEMA),
    ] = ()
    """Daily, at these local times."""
    adaptive: Adaptive | None = Field(default=None, examples=[{"min": "15m", "max": "30d"}])
    """Bounds of the interval between two fetches of a known page. Used alone, the source also runs every `min`."""
    timezone: Zone | None = Field(default=None, examples=["Asia/Shanghai"])
    """Time zone of cron and at; default: the setting `timezone`."""
    anchor: Annotated[datetime, AfterValidator(_aware)] | None = None
    """Start of the intervals of every; default: Monday 1970-01-05, midnight UTC."""
    jitter: Duration | None = None
    """Start up to this much later, by an amount fixed for each slot, so that sources don't start all at once.

    Without it, a source with `every` and no `anchor` starts later by an amount of its own, the same for all slots: up
    to a tenth of `every`, 5 minutes at most. With `0s` it starts on time."""
    catch_up: Annotated[
        str, AfterValidator(_catch_up), WithJsonSchema({"type": "string", "pattern": f"^({_CATCH_UP.pattern})$"})
    ] = "once"
    """Times missed while nothing ran: `skip` them, crawl `once` for all, or `all:N`, the latest N up to 999."""

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        given = [name for name in ("cron", "every", "at") if getattr(self, name) not in (None, ())]
        if len(given) > 1 or (not given and self.adaptive is None):
            fault = f"has {' and '.join(given)}, which can't be combined" if given else "has none of cron, every and at"
            raise ValueError(f"the timetable {fault}; use exactly one, e.g. every: 6h")
        if self.every is not None and self.every < _SHORTEST:
            raise ValueError("every is shorter than a second")
        if self.interval is not None and self.jitter is not None and self.jitter > self.interval:
            raise ValueError("jitter is longer than every, so slots would overlap")
        if self.anchor is not None and self.interval is None:
            raise ValueError("anchor works with every only")
        return self

    @property
    def interval(self) -> timedelta | None:
        """The time between two slots, for every and for adaptive alone."""
        if self.every is None and self.cron is None and not self.at and self.adaptive is not None:
            return self.adaptive.min
        return self.every

    @property
    def spread(self) -> timedelta:
        """The time over which sources with this timetable are spread, so that they do not start all at once."""
        if self.interval is None or self.anchor is not None or self.jitter is not None:
            return timedelta(0)
        return min(self.interval / _SPREAD, _SPREAD_AT_MOST)


class Timed(Protocol):
    """What runs at times, if it does: a source, or its outline."""

    @property
    def name(self) -> str: ...
    @property
    def timetable(self) -> Timetable | None: ...
