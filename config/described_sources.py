"""The valid sources of a file, built on demand."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic_core import from_json

from config.document import Document
from config.names import DEFAULT
from config.parse import sources_in
from config.source import Keep, Source
from config.timetable import Timetable

_DISTINCT = 1 << 12
"""Timetables that are remembered: many sources have the same."""


class Outline(NamedTuple):
    """What lists and the clock need of a source: its name, when it runs, and where it is kept."""

    name: str
    timetable: Timetable | None
    collection: str


class DescribedSources:
    """The valid sources of one file, by `names`.

    They are built from `said`, the file as JSON, when one of them is needed: an object for each of 50,000 sources
    takes seconds and hundreds of megabytes. Where JSON can't say what the file says, they are built from the start.
    """

    __slots__ = ("_built", "_said", "names")

    def __init__(self, names: tuple[str, ...], said: str | None, built: tuple[Source, ...] | None = None) -> None:
        self.names = names
        self._said = said
        self._built = built

    def sources(self) -> tuple[Source, ...]:
        """Raises ConfigError where something was valid and is not any more, such as a time zone that was removed."""
        if self._built is None:
            self._built = sources_in(Document(from_json(self._said or "{}"), None))
        return self._built

    def outlines(self) -> list[Outline]:
        """Return the outlines of its sources, and build nothing else. Raises ValueError where `sources` raises."""
        if self._built is not None:
            return [Outline(source.name, source.timetable, source.keep.collection) for source in self._built]
        data = from_json(self._said or "{}")
        parts = data.get("sources", [data])
        return [
            Outline(name, _timetable(part.get("timetable")), _collection(part.get("keep")))
            for name, part in zip(self.names, parts, strict=True)
        ]


def _timetable(told: Any) -> Timetable | None:
    return None if told is None else _timetables.of(told)


def _collection(told: Any) -> str:
    return Keep.model_validate(told).collection if told else DEFAULT


class _Timetables:
    """One object for all timetables that are written alike."""

    def __init__(self) -> None:
        self._known: dict[str, Timetable] = {}

    def of(self, told: Any) -> Timetable:
        """Raises ValueError."""
        key = repr(told)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _DISTINCT:
                self._known = {}
            found = self._known[key] = Timetable.model_validate(told)
        return found


_timetables = _Timetables()
