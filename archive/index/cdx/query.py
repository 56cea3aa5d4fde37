"""A query for captures, and the place where a listing continues later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote_plus, unquote_plus

from archive.database.schema import microseconds
from archive.index.cdx.filters import Filter
from archive.index.cdx.row import FIELDS, Row, timestamp_of
from archive.values.timestamps import timestamp_range
from archive.values.urlkey import Match

Order = Literal["forward", "reverse", "closest"]

EARLIEST, LATEST = -(1 << 62), 1 << 62


@dataclass(frozen=True, slots=True)
class Place:
    """The place in a listing: its last returned row."""

    urlkey: str
    at: int
    id: int


@dataclass(frozen=True, slots=True)
class CdxQuery:
    """A query: which rows, in which order, and how many."""

    url: str
    match: Match = "exact"
    collection: str | None = None
    """None for all of them."""
    since: int = EARLIEST
    until: int = LATEST
    """Microseconds since 1970, both included."""
    order: Order = "forward"
    closest: int = 0
    """With `order` closest, the moment that rows are near to."""
    unchanged: bool = True
    """Whether rows are wanted that say that nothing had changed (304)."""
    filters: tuple[Filter, ...] = ()
    collapse: tuple[Callable[[Row], str], ...] = ()
    """Of rows that follow each other and have this in common, the first only."""
    offset: int = 0
    limit: int | None = None
    """A negative one is for the last rows."""
    after: Place | None = None
    """Go on after that row; forward only."""


def write_place(row: Row) -> str:
    """Return a row's resume key, like the Internet Archive's: ``com%2Cexample%29%2F+20240102030406123456.17%21``."""
    return quote_plus(f"{row.urlkey} {timestamp_of(row.at)}{row.at % 1_000_000:06}.{row.id}!")


def read_place(text: str) -> Place:
    """Parse a resume key, percent-encoded or not.

    With a time to the second, it is the last possible row of that second.

    Raises ValueError.
    """
    plain = text if " " in text else unquote_plus(text)
    key, _, when = plain.removesuffix("!").rpartition(" ")
    when, _, number = when.partition(".")
    try:
        if not key or not when.isdecimal() or len(when) not in {14, 20}:
            raise ValueError(text)
        first, last = timestamp_range(when[:14])
        at = microseconds(first) + int(when[14:]) if len(when) == 20 else microseconds(last)
        place = Place(key, at, int(number) if number else LATEST)
        if not 0 <= place.id <= LATEST:
            raise ValueError(text)
        return place
    except ValueError:
        raise ValueError(f"invalid resume key {text[:80]!r}: use the one from the previous response") from None


def collapse_of(text: str) -> Callable[[Row], str]:
    """Parse ``field`` or ``field:N``, which compares the first N characters. Raises ValueError."""
    name, colon, count = text.partition(":")
    field = FIELDS.get(name)
    if field is None or (colon and not (count.isascii() and count.isdecimal() and 0 < int(count[:9]) < 10_000)):
        raise ValueError(f"can't collapse by {text[:80]!r}: use a field, or field:N for its first N characters")
    length = int(count) if colon else None
    return lambda row: (field(row) or "-")[:length]
