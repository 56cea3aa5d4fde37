"""Geometry of the charts on our pages: SVG is drawn on the server, without scripts. Templates make the marks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import NamedTuple

WEEKS = 53
"""The weeks of a heat map: a year, with the week that has begun."""
LEVELS = 4
"""The shades of a heat map, besides the one for nothing."""
_STEP, _SIZE, _TOP = 13, 11, 16
_WIDTH, _HEIGHT, _SMALLEST = 320.0, 72.0, 2.0
_WIDEST = 24.0
_LONG, _SHORTEST, _LANE = 640, 8.0, 14


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a heat map, as a square."""

    day: date
    count: int
    level: int
    """0 for nothing, to `LEVELS` for the largest count."""
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A year of days: a column for each week, Monday on top."""

    cells: tuple[Cell, ...]
    months: tuple[tuple[int, date], ...]
    """Where each month begins: x, and its first day."""

    width = WEEKS * _STEP
    height = _TOP + 7 * _STEP
    size = _SIZE


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, in units of its view box."""

    x: float
    y: float
    width: float
    height: float
    value: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from left to right, oldest first, in proportion to the highest."""

    bars: tuple[Bar, ...]
    highest: float

    width = _WIDTH
    height = _HEIGHT


def heat_map(counts: Mapping[date, int], until: date) -> HeatMap:
    """Return the last 53 weeks up to a day. Each shade stands for a quarter of the largest count."""
    monday = until - timedelta(days=until.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    days = [first + timedelta(days=number) for number in range((until - first).days + 1)]
    highest = max((counts.get(day, 0) for day in days), default=0)
    cells = tuple(_cell(day, first, counts.get(day, 0), highest) for day in days)
    months = tuple((cell.x, cell.day) for cell in cells if cell.day.day == 1 and cell.x <= (WEEKS - 2) * _STEP)
    return HeatMap(cells, months)


def _cell(day: date, first: date, count: int, highest: int) -> Cell:
    week, weekday = divmod((day - first).days, 7)
    level = ceil(LEVELS * count / highest) if count > 0 else 0
    return Cell(day, count, level, week * _STEP, _TOP + weekday * _STEP)


def bar_chart(values: Sequence[float]) -> BarChart:
    """Return a bar for each value. A value above zero has a bar that can be seen, however small it is."""
    highest = max(values, default=0)
    step = min(_WIDTH / max(len(values), 1), _WIDEST)
    return BarChart(tuple(_bar(number, step, value, highest) for number, value in enumerate(values)), highest)


def _bar(number: int, step: float, value: float, highest: float) -> Bar:
    height = max(_HEIGHT * value / highest, _SMALLEST) if value > 0 else 0.0
    return Bar(round(number * step, 2), round(_HEIGHT - height, 2), round(step * 0.8, 2), round(height, 2), value)


def shares(counts: Sequence[int]) -> tuple[float, ...]:
    """Return the percentages of a whole that is made of these parts; zeros if there is nothing."""
    whole = sum(counts)
    return tuple(round(100 * count / whole, 2) if whole else 0.0 for count in counts)


@dataclass(frozen=True, slots=True)
class Lane:
    """What happened to one thing: a bar from its beginning to its end, with marks."""

    number: int
    x: float
    y: float
    width: float
    marks: tuple[float, ...]
    """Where something changed."""
    ended: bool
    """Whether the end of the bar is its own: it is marked."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lanes one below the other, over the time that they share."""

    lanes: tuple[Lane, ...]
    begins: datetime
    ends: datetime

    width = _LONG
    lane = _LANE

    @property
    def height(self) -> int:
        return len(self.lanes) * _LANE


class Span(NamedTuple):
    """The time of one thing on a timeline."""

    number: int
    begins: datetime
    ends: datetime
    marks: Sequence[datetime] = ()
    ended: bool = False


def timeline(spans: Sequence[Span]) -> Timeline | None:
    """Return a lane for each span; None if all of them are at one moment. A moment has a bar that can be seen."""
    begins, ends = min((one.begins for one in spans), default=None), max((one.ends for one in spans), default=None)
    if begins is None or ends is None or begins == ends:
        return None
    whole = (ends - begins).total_seconds()

    def place(at: datetime) -> float:
        return round((_LONG - _SHORTEST) * min(max((at - begins).total_seconds() / whole, 0), 1), 2)

    lanes = tuple(
        Lane(
            one.number,
            place(one.begins),
            row * _LANE + 2,
            round(place(one.ends) - place(one.begins) + _SHORTEST, 2),
            tuple(round(place(at) + _SHORTEST / 2, 2) for at in one.marks),
            one.ended,
        )
        for row, one in enumerate(spans)
    )
    return Timeline(lanes, begins, ends)
