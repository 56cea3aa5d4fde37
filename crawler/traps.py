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

_FILTERED = 4
_MOST_PATHS = 20_000
_NUMBER = re.compile(r"\d+")


class Traps:
    """Tells traps by their shape, and by how many variants of one path were let in. Too many are forgotten."""

    def __init__(self) -> None:
        self._queries: Counter[str] = Counter()
        self._filters: Counter[str] = Counter()

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
        return self._count(base, query) if mark else None

    def check_length(self, url: str) -> str | None:
        return "url-too-long" if len(url) > LONGEST else None

    def _count(self, base: str, query: str) -> str | None:
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


def _most_repeated(segments: list[str]) -> int:
    named = [segment for segment in segments if segment and not _NUMBER.fullmatch(segment)]
    return max(Counter(named).values(), default=0)
