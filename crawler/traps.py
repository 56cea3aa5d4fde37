"""URLs without end: calendars, filters that combine, links that append to themselves."""

from __future__ import annotations

import re
from collections import Counter

LONGEST = 2_048
DEEPEST = 20
"""Segments of a path."""
MOST_REPEATS = 3
"""How often one segment may stand in a path, numbers apart."""
MOST_QUERIES = 200_000
"""Different queries of one path: a big forum has as many threads behind one script."""
MOST_FILTERS = 500
"""Different queries of one path that have four parameters or more: what filters and orders combine to."""

MOST_MONTHS = 240
"""Pages of one calendar: twenty years of months. It has as many as one asks for."""
MOST_NOISE = 20
"""Values of a parameter that is there to be different each time."""

SHAPES = frozenset(
    [
        "path-too-deep",
        "path-repeats",
        "url-too-long",
        "too-many-queries",
        "too-many-filters",
        "calendar",
        "ever-new-query",
    ]
)
"""The reasons that say that a URL looks endless."""

_CALENDAR = re.compile(
    r"calend[ae]r|kalend[ea]r|calendrier|/events?(?:/|$)|tribe-|[?&;](?:month|monat|mois|yr)=", re.IGNORECASE
)
_DATED = re.compile(
    r"(?:1[89]|2\d)\d\d(?:[-/]\d{1,2}\b|\d{4}\b)|[?&;](?:year|month|date|day|yr|mo|monat|mois|jahr)=\d", re.IGNORECASE
)
_NOISE = re.compile(
    r"(?:^|[&;])(_|rand|random|nocache|no_cache|cachebust(?:er)?|cb|ts|timestamp|nonce|_wpnonce|_?csrf\w*|sesskey|unique)=",
    re.IGNORECASE,
)
_FILTERED = 4
_MOST_PATHS = 20_000
_NUMBER = re.compile(r"\d+")


class Traps:
    """Tells traps by their shape, and by how many variants of one path were let in. Too many are forgotten."""

    def __init__(self) -> None:
        self._queries: Counter[str] = Counter()
        self._filters: Counter[str] = Counter()
        self._months: Counter[str] = Counter()
        self._noise: Counter[str] = Counter()

    def check(self, url: str) -> str | None:
        """Why a URL, not seen before, looks endless, in a word; None when it does not, and then it is counted."""
        if reason := self.check_length(url):
            return reason
        base, mark, query = url.partition("?")
        segments = base.split("/")[3:]
        if len(segments) > DEEPEST:
            return "path-too-deep"
        if len(segments) > MOST_REPEATS and _most_repeated(segments) > MOST_REPEATS:
            return "path-repeats"
        if _CALENDAR.search(url) and _DATED.search(url) and self._too_many(self._months, base, MOST_MONTHS):
            return "calendar"
        return self._count(base, query) if mark else None

    def check_length(self, url: str) -> str | None:
        return "url-too-long" if len(url) > LONGEST else None

    def _count(self, base: str, query: str) -> str | None:
        if (noise := _NOISE.search(query)) and self._too_many(self._noise, f"{base}?{noise[1]}", MOST_NOISE):
            return "ever-new-query"
        if self._queries[base] >= MOST_QUERIES:
            return "too-many-queries"
        filtered = query.count("&") + 1 >= _FILTERED
        if filtered and self._filters[base] >= MOST_FILTERS:
            return "too-many-filters"
        if len(self._queries) >= _MOST_PATHS:
            self._queries.clear()
            self._filters.clear()
        self._queries[base] += 1
        if filtered:
            self._filters[base] += 1
        return None

    @staticmethod
    def _too_many(counts: Counter[str], base: str, most: int) -> bool:
        """Count one more of those that differ in numbers alone."""
        if len(counts) >= _MOST_PATHS:
            counts.clear()
        counts[folded := _NUMBER.sub("0", base)] += 1
        return counts[folded] > most


def _most_repeated(segments: list[str]) -> int:
    named = [segment for segment in segments if segment and not _NUMBER.fullmatch(segment)]
    return max(Counter(named).values(), default=0)
