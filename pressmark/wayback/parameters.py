"""The parameters of a CDX query, as both dialects define them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast, get_args

from archive.database.schema import microseconds
from archive.index.cdx.filters import Filter
from archive.index.cdx.query import EARLIEST, LATEST, CdxQuery, Order
from archive.values.timestamps import timestamp_range
from archive.values.urlkey import Match
from config.values.pattern import PatternBudget

_LONGEST_URL = 8192
_MOST = 1 << 40
_FARTHEST = 1 << 62
"""The greatest offset: databases count in 64 bits."""
_TRUE = frozenset({"true", "1", "yes", "on"})
BLOCK = 3000
"""Rows of a block: the unit of `pageSize`."""
PAGE_SIZE = 5
"""Blocks of a page by default."""


class Parameters:
    """The parameters of a query. Names may repeat, also with a number appended: ``filter0`` is a filter."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = {name: value.strip() for name, value in pairs}

    def one(self, name: str, other: str = "") -> str:
        """Return the last value under the first of these names that has one; empty when there is none."""
        return self._last.get(name, "") or self._last.get(other, "")

    def many(self, name: str) -> list[str]:
        """Return the values under a name, with or without a number appended."""
        return [value for given, value in self._pairs if value and given.startswith(name) and _named(given, name)]

    def flag(self, name: str) -> bool:
        return self.one(name).lower() in _TRUE

    def number(self, name: str, *, least: int = 0) -> int | None:
        """Parse a number. Raises ValueError for an invalid or too small one."""
        text = self.one(name)
        if not text:
            return None
        try:
            number = int(text) if len(text) <= 20 and text.isascii() else None
        except ValueError:
            number = None
        if number is None or not least <= number <= _MOST:
            raise ValueError(f"{name}={text[:40]} is not a valid number")
        return number

    @property
    def url(self) -> str:
        url = self.one("url")
        if not url:
            raise ValueError('The "url" param is required')
        if len(url) > _LONGEST_URL:
            raise ValueError(f"the url has {len(url)} characters; the maximum is {_LONGEST_URL}")
        return url

    @property
    def rows_a_page(self) -> int:
        size = self.number("pageSize", least=1)
        return (PAGE_SIZE if size is None else size) * BLOCK

    @property
    def page(self) -> int | None:
        return self.number("page")


def _named(given: str, name: str) -> bool:
    number = given[len(name) :]
    return not number or (number.isascii() and number.isdecimal())


def question(
    asked: Parameters, collection: str | None, read_filter: Callable[[str, PatternBudget], Filter], *, unchanged: bool
) -> CdxQuery:
    """Return what both dialects mean by the same names. Raises ValueError with a sentence."""
    url, match = _extent(asked)
    closest = asked.one("closest")
    since, until = asked.one("from", "from_ts"), asked.one("to")
    budget = PatternBudget()
    return CdxQuery(
        url,
        match,
        collection=collection,
        since=microseconds(timestamp_range(since)[0]) if since else EARLIEST,
        until=microseconds(timestamp_range(until)[1]) if until else LATEST,
        order=_order(asked, closest),
        closest=microseconds(timestamp_range(closest)[1]) if closest else LATEST,
        unchanged=unchanged,
        filters=tuple(read_filter(text, budget) for text in asked.many("filter")),
        limit=asked.number("limit", least=-_MOST),
    )


def paged(asked: Parameters, query: CdxQuery) -> tuple[int, int | None]:
    """Return the offset and the limit of a query that names a page."""
    if asked.page is None:
        return query.offset, query.limit
    rows = asked.rows_a_page
    limit = rows if query.limit is None else min(query.limit, rows)
    if limit < 0:
        raise ValueError("a negative limit can't be combined with page")
    return min(asked.page * rows, _FARTHEST), limit


def _extent(asked: Parameters) -> tuple[str, Match]:
    """Return the URL and the match type; ``*.example.org`` and ``example.org/*`` contain theirs."""
    url, match = asked.url, asked.one("matchType")
    if match and match not in get_args(Match):
        raise ValueError(f"unknown matchType={match[:40]}; use {', '.join(get_args(Match))}")
    if not match and url.startswith("*."):
        url, match = url[2:].removesuffix("/*"), "domain"
    elif not match and url.endswith("*"):
        url, match = url[:-1], "prefix"
    return url, cast(Match, match or "exact")


def _order(asked: Parameters, closest: str) -> Order:
    sort = asked.one("sort")
    if sort == "closest" or (closest and not sort):
        return "closest" if closest else "forward"
    if sort not in {"", "reverse", "default", "regular"}:
        raise ValueError(f"unknown sort={sort[:40]}; use reverse or closest")
    return "reverse" if sort == "reverse" else "forward"
