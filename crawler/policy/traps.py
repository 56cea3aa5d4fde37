"""Endless URLs: calendars, filters that combine, links that append to themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

LONGEST = 2_048
LONGEST_REQUISITE = 8_192
"""Bytes of a URL.

Image and style sheet servers put all their instructions into it; browsers and servers accept that many.
"""
DEEPEST = 20
"""Segments of a path."""
MOST_REPEATS = 3
"""How many times one segment may occur in a path, without numbers."""
MOST_QUERIES = 200_000
"""Different queries of one path: a big forum has this many threads behind one script."""
MOST_FILTERS = 500
"""Different queries of one path with four parameters or more: combinations of filters and orders."""

MOST_MONTHS = 240
"""Pages of one calendar: twenty years of months. A calendar has as many pages as are requested."""
MOST_NOISE = 20
"""Values of a parameter that exists to be different each time."""
MOST_ALIKE, MOST_ALIKE_NUMBERED = 30, 200
"""Consecutive pages, of one path and the same parameters, that say the same whatever the values are.

Numbers may stand for pages that exist but are closed to us.
"""

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
"""The reasons that mean that a URL looks endless."""

_CALENDAR = re.compile(
    r"calend[ae]r|kalend[ea]r|calendrier|calendari|/agenda\b|日历|%e6%97%a5%e5%8e%86|/events?(?:/|$)|tribe-|[?&;](?:month|monat|mois|yr)=",
    re.IGNORECASE,
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
_FEW_ALIKE = 10
"""Consecutive equal pages up to which nothing is written: most such sequences end sooner."""
_NUMBER = re.compile(r"\d+")
_NUMBERED = re.compile(r"(?:[^=&;]*=\d{1,8}(?:[&;]|$))+$")
"""A query that consists of numbers of items or pages only."""
_VALUE = re.compile(r"=[^&;]*")
_ENDLESS, _ALIKE = "endless:", "alike:"


class Traps:
    """Recognises traps by their shape, and by how many variants of one path were let in.

    If there are too many, old ones are forgotten.
    """

    def __init__(self, tally: Counter[str]) -> None:
        """Set up the traps.

        `tally` gets, as ``endless:``, the paths and parameters whose pages all say the same, and, as ``alike:``, how
        many consecutive pages do so far, once these are not few.
        """
        self._queries: Counter[str] = Counter()
        self._filters: Counter[str] = Counter()
        self._months: Counter[str] = Counter()
        self._noise: Counter[str] = Counter()
        self._alike: dict[str, tuple[str, int]] = dict(_alike_in(tally))
        self._tally = tally
        self._endless = {key.removeprefix(_ENDLESS) for key in tally if key.startswith(_ENDLESS)}

    def read(self, url: str, signature: str) -> None:
        """Note that a page with this `signature` was read."""
        made = _made(url)
        if made is None or made in self._endless:
            return
        if len(self._alike) >= _MOST_PATHS:
            for each in tuple(self._alike):
                self._end_row(each)
        before, count = self._alike.get(made, (signature, 0))
        if before != signature:
            self._end_row(made)
            count = 0
        count += 1
        self._alike[made] = signature, count
        if count >= (MOST_ALIKE_NUMBERED if _NUMBERED.match(url.partition("?")[2]) else MOST_ALIKE):
            self._end_row(made)
            self._endless.add(made)
            self._tally[f"{_ENDLESS}{made}"] = 1
        elif count >= _FEW_ALIKE:
            self._tally[f"{_ALIKE}{made} {signature}"] = count

    def _end_row(self, made: str) -> None:
        signature, _ = self._alike.pop(made)
        del self._tally[f"{_ALIKE}{made} {signature}"]  # a Counter accepts deleting a missing key

    def suspect(self, url: str) -> str | None:
        """Return what a URL looks like, as a sentence, if a run takes only a limited number of its kind.

        Returns None otherwise.
        """
        if _CALENDAR.search(url) and _DATED.search(url):
            return f"it looks like a calendar page; a run fetches the first {MOST_MONTHS}"
        if noise := _NOISE.search(url.partition("?")[2]):
            return f"{noise[1]!r} changes each time: a run fetches the first {MOST_NOISE} values for a path"
        return None

    def check(self, url: str) -> str | None:
        """Return why a URL not seen before looks endless, in a word; None, and count it, when it does not."""
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

    def check_length(self, url: str, longest: int = LONGEST) -> str | None:
        return "url-too-long" if len(url) > longest else None

    def _count(self, base: str, query: str) -> str | None:
        if self._endless and _made(f"{base}?{query}") in self._endless:
            return "ever-new-query"
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
        """Count one more URL of those that differ in numbers alone, and return whether there are too many."""
        if len(counts) >= _MOST_PATHS:
            counts.clear()
        counts[folded := _NUMBER.sub("0", base)] += 1
        return counts[folded] > most


def _most_repeated(segments: list[str]) -> int:
    named = [segment for segment in segments if segment and not _NUMBER.fullmatch(segment)]
    return max(Counter(named).values(), default=0)


def _alike_in(tally: Counter[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    for key, count in tally.items():
        if key.startswith(_ALIKE):
            made, _, signature = key.removeprefix(_ALIKE).rpartition(" ")
            yield made, (signature, count)


def _made(url: str) -> str | None:
    """Return the path of a URL and the names of its parameters; None if it has none."""
    base, mark, query = url.partition("?")
    return f"{base}?{_VALUE.sub('', query)}" if mark and query else None
