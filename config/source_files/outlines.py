"""What lists and the clock need of each source, and what follows from all of them, found once after a change."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from config.source import Source
from config.values.source_limits import Keep
from config.values.timetable import Timetable

Need = Literal["spider", "browser", "media"]
"""What a machine needs to crawl some sources: a spider of the user, a browser, and what finds media."""

_DISTINCT = 1 << 12
"""Timetables that are remembered: many sources have the same."""
_name = attrgetter("name")


class Outline(NamedTuple):
    """What lists and the clock need of a source."""

    name: str
    timetable: Timetable | None
    collection: str
    tags: tuple[str, ...]
    needs: tuple[Need, ...]


class Outlines(list[Outline]):
    """The outlines of all sources, in the order of their names. Nobody changes it."""

    @cached_property
    def by_tag(self) -> Mapping[str, set[str]]:
        """The names of the sources that have each tag."""
        found = dict[str, set[str]]()
        for source in self:
            for tag in source.tags:
                found.setdefault(tag, set()).add(source.name)
        return found

    @cached_property
    def collections(self) -> frozenset[str]:
        """The collections that they name."""
        return frozenset(source.collection for source in self)

    @cached_property
    def are_timed(self) -> bool:
        """Whether any of them has a timetable."""
        return any(source.timetable for source in self)

    @cached_property
    def needing(self) -> Mapping[Need, Sequence[str]]:
        """The names of the sources that need something, in their order."""
        found = dict[Need, list[str]]()
        for source in self:
            for need in source.needs:
                found.setdefault(need, []).append(source.name)
        return found

    def named(self, names: Iterable[str]) -> Iterator[Outline]:
        """Yield the outlines of those of these sources that are there."""
        for name in names:
            at = bisect_left(self, name, key=_name)
            if at < len(self) and self[at].name == name:
                yield self[at]


def outline_of(source: Source) -> Outline:
    """Return the outline of a source."""
    needs = _needs(draws=source.draws, spider=source.spider, media=source.keep.media)
    return Outline(source.name, source.timetable, source.keep.collection, source.tags, needs)


def outline_of_json(name: str, part: Mapping[str, Any]) -> Outline:
    """Return the outline of a valid source as JSON. Raises ValueError for what is not valid any more."""
    keep = Keep.model_validate(told) if (told := part.get("keep")) else _DEFAULT_KEEP
    modes = (part.get("fetch") or "http", *((part.get("scope") or {}).get("fetch") or {}).values())
    needs = _needs(draws=any(mode != "http" for mode in modes), spider=part.get("spider"), media=keep.media)
    return Outline(name, timetable_of(part.get("timetable")), keep.collection, _tags(part.get("tags")), needs)


def timetable_of(told: Any) -> Timetable | None:
    """Return a timetable as JSON says it; all that are written alike are one object. Raises ValueError."""
    return None if told is None else _timetables.of(told)


def one_or_more(told: Any) -> tuple[str, ...]:
    """Return a list that may be written as its only element."""
    return (told,) if isinstance(told, str) else tuple(told or ())


def _needs(*, draws: bool, spider: object, media: str) -> tuple[Need, ...]:
    found: tuple[tuple[Need, bool], ...]
    found = (("spider", bool(spider)), ("browser", draws), ("media", media != "none"))
    return tuple(need for need, is_so in found if is_so)


def _tags(told: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.strip() for tag in one_or_more(told)))


class _Timetables:
    def __init__(self) -> None:
        self._known: dict[str, Timetable] = {}

    def of(self, told: Any) -> Timetable:
        key = repr(told)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _DISTINCT:
                self._known = {}
            found = self._known[key] = Timetable.model_validate(told)
        return found


_timetables = _Timetables()
_DEFAULT_KEEP = Keep()
