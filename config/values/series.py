"""A series of documents whose addresses differ by a number or a date, such as a monthly report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, ConfigDict, WithJsonSchema, model_validator

from config.errors import did_you_mean
from config.values.described import Described

Each = Literal["number", "day", "week", "month", "year"]
MOST = 50_000
"""Documents of one series: more than all days since 1970."""
_EARLIEST = 1970
_PLACES: dict[Each, tuple[str, ...]] = {
    "number": ("number",),
    "day": ("year", "month", "day"),
    "week": ("year", "week"),
    "month": ("year", "month"),
    "year": ("year",),
}
"""By the step, the places that its URLs must have."""
_FORMS: dict[Each, tuple[re.Pattern[str], str]] = {
    "number": (re.compile(r"\d{1,9}"), "12"),
    "day": (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), "2024-01-31"),
    "week": (re.compile(r"(\d{4})-W(\d\d)"), "2024-W05"),
    "month": (re.compile(r"(\d{4})-(\d\d)"), "2024-01"),
    "year": (re.compile(r"(\d{4})"), "2024"),
}
_PLACE = re.compile(r"\{([^{}]*)\}")
_WRITTEN = re.compile(r"(?P<name>[a-z]+)(?::0?(?P<width>[1-9]))?")


class Item(NamedTuple):
    """A document of a series."""

    label: str
    """Its number, day, week, month or year, as in `first`."""
    url: str


def _text(value: Any) -> Any:
    """Return a bound as text: YAML reads ``2024-01-31`` as a date and ``2024`` as a number."""
    return value if isinstance(value, bool) else str(value) if isinstance(value, int | date) else value


Bound = Annotated[str, BeforeValidator(_text), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]})]


class Series(Described):
    """The steps of a series. Each document is requested from its day, week, month or year on, until it is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    each: Each
    """number, day, week (ISO 8601), month or year."""
    first: Bound
    """The first one: 12, 2024-01-31, 2024-W05, 2024-01 or 2024."""
    last: Bound | None = None
    """The last one; default: today's. A series of numbers needs it."""

    @model_validator(mode="after")
    def _bounds_are_right(self) -> Self:
        first = _place_of(self.each, self.first, "first")
        if self.last is None and self.each == "number":
            raise ValueError("a series of numbers needs last, such as last: 40")
        if self.last is None and int(self.first[:4]) < _EARLIEST:
            raise ValueError(f"a series that begins before {_EARLIEST} needs last")
        last = first if self.last is None else _place_of(self.each, self.last, "last")
        if last < first:
            raise ValueError(f"last is before first: {self.last} is before {self.first}")
        if last - first >= MOST:
            raise ValueError(f"the series has more than {MOST:,} documents; make several sources of it")
        return self

    def check_pattern(self, pattern: str) -> None:
        """Raise ValueError if a URL lacks a place of this series, or has one that it doesn't know."""
        there = []
        for place in _PLACE.findall(pattern):
            written = _WRITTEN.fullmatch(place)
            if written is None or written["name"] not in _PLACES[self.each]:
                known = [f"{{{name}}}" for name in _PLACES[self.each]]
                hint = did_you_mean(f"{{{place}}}", known) or f"use {', '.join(known)}, or {{month:02}} for two digits"
                raise ValueError(f"{{{place}}} in {pattern} does not belong in a series of {self.each}s; {hint}")
            there.append(written["name"])
        if missing := [name for name in _PLACES[self.each] if name not in there]:
            raise ValueError(f"{pattern} lacks {{{missing[0]}}}, so its documents can't be told apart")

    def items(self, patterns: Sequence[str], today: date) -> list[Item]:
        """Return the documents that are due on a day, in order."""
        numbers = range(_place_of(self.each, self.first, "first"), _last(self, today) + 1)
        labels = [_label(self.each, number) for number in numbers]
        return [Item(label, _filled(pattern, self.each, label)) for label in labels for pattern in patterns]


def _place_of(each: Each, written: str, key: str) -> int:
    """Return the number of a step: of a day since the year 1, of a week likewise, of a month. Raises ValueError."""
    form, like = _FORMS[each]
    found = form.fullmatch(written)
    try:
        if found is None:
            raise ValueError
        match each:
            case "number" | "year":
                return int(written)
            case "day":
                return date.fromisoformat(written).toordinal()
            case "week":
                return date.fromisocalendar(int(found[1]), int(found[2]), 1).toordinal() // 7
            case "month":
                return date(int(found[1]), int(found[2]), 1).year * 12 + int(found[2]) - 1
    except ValueError:
        raise ValueError(f"invalid {key} {written!r} of a series of {each}s: write it like {like}") from None


def _last(series: Series, today: date) -> int:
    given = None if series.last is None else _place_of(series.each, series.last, "last")
    if series.each == "number":
        return given or 0
    here = _place_of(series.each, _label_of_day(series.each, today), "last")
    return here if given is None else min(given, here)


def _label_of_day(each: Each, day: date) -> str:
    year, week, _ = day.isocalendar()
    return {
        "week": f"{year:04}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "year": f"{day.year:04}",
    }.get(each, day.isoformat())


def _label(each: Each, number: int) -> str:
    match each:
        case "day":
            return date.fromordinal(number).isoformat()
        case "week":
            return _label_of_day(each, date.fromordinal(number * 7 + 1))
        case "month":
            return f"{number // 12:04}-{number % 12 + 1:02}"
        case "year":
            return f"{number:04}"
        case "number":
            return str(number)


def _filled(pattern: str, each: Each, label: str) -> str:
    values = dict(zip(_PLACES[each], map(int, re.findall(r"\d+", label)), strict=True))

    def written(place: re.Match[str]) -> str:
        found = _WRITTEN.fullmatch(place[1])
        return place[0] if found is None else f"{values[found['name']]:0{found['width'] or 1}}"

    return _PLACE.sub(written, pattern)


def series_of(patterns: Sequence[str], series: Series | None, today: date) -> list[Item]:
    """Return the documents of a source; none for a source without a series."""
    return series.items(patterns, today) if series is not None else []


def with_bounds(url: str, given: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    """Return the key `series` for a URL with places; None for a URL without places.

    Without a first day, week, month or year, the series begins with today's. Raises ValueError for numbers without one.
    """
    each = given.get("each") or each_of(url)
    if each is None:
        return None
    if each == "number" and not {"first", "last"} <= given.keys():
        raise ValueError("a series of numbers needs its first and its last number, such as first: 1 and last: 40")
    return {"each": each, **({} if "first" in given else {"first": _label_of_day(each, today)}), **given}


def each_of(pattern: str) -> Each | None:
    """Return the step of the series that a URL with places describes; None for a URL without places."""
    written = (_WRITTEN.fullmatch(place) for place in _PLACE.findall(pattern))
    there = {found["name"] for found in written if found is not None}
    fitting = (each for each, places in _PLACES.items() if there and set(places) <= there)
    return max(fitting, key=lambda each: len(_PLACES[each]), default=None)
