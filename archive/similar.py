"""Where else a text was published: other addresses whose pages say nearly the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.database.sketches import Sketched, candidates, sketch_of, titles_of
from archive.sketch import ALIKE, LEAST, likeness, sketch
from archive.urlkey import urlkey

REACH = 200
"""So many texts at most are looked at of those that share a band: a page of errors that thousands of addresses answered
with costs no more than that."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another address with nearly the same text: of the texts that it had, the one that is most alike."""

    url: str
    at: datetime
    """When its page was first captured with that text."""
    likeness: float
    """How much of their shingles the two texts have in common, estimated."""
    source: str
    collection: str
    record_id: str
    title: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of a text, the most alike first, and of equals the earliest."""

    items: tuple[Copy, ...]
    total: int
    """How many there are."""
    complete: bool = True
    """False when there are more than were looked at: then so many at least."""
    comparable: bool = True
    """False for a text that is too short to be told apart from others."""


NONE = Copies((), 0)
INCOMPARABLE = Copies((), 0, comparable=False)


def copies(
    database: Database,
    record_id: str,
    url: str,
    text: str,
    *,
    threshold: float = ALIKE,
    limit: int = 50,
    reach: int = REACH,
) -> Copies:
    """The copies of the text of a record, at other addresses than `url`.

    Raises ValueError for a threshold that is none.
    """
    if not LEAST <= threshold <= 1:
        raise ValueError(f"the threshold {threshold} is not between {LEAST} and 1")
    with database.reading() as connection:
        asked = sketch_of(connection, record_id) or sketch(text)
        if asked is None:
            return INCOMPARABLE
        there, complete = candidates(connection, asked, reach)
        alike = _alike(asked, (each for each in there if each.urlkey != urlkey(url)), threshold)
        shown = alike[:limit]
        titles = titles_of(connection, [each.record_id for _, each in shown]) if shown else {}
    items = tuple(_copy(share, each, *titles[each.record_id]) for share, each in shown)
    return Copies(items, len(alike), complete)


def _alike(asked: bytes, others: Iterable[Sketched], threshold: float) -> list[tuple[float, Sketched]]:
    """One of each address, in order."""
    shares = ((likeness(asked, each.sketch), each) for each in others)
    ordered = sorted(shares, key=lambda pair: (-pair[0], pair[1].first_at, pair[1].url, pair[1].record_id))
    found: dict[str, tuple[float, Sketched]] = {}
    for share, each in ordered:
        if share >= threshold:
            found.setdefault(each.urlkey, (share, each))
    return list(found.values())


def _copy(share: float, of: Sketched, title: str | None, language: str | None) -> Copy:
    return Copy(of.url, of.first_at, share, of.source, of.collection, of.record_id, title, language)
