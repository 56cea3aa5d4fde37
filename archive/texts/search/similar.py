"""Find copies of a text: other addresses with nearly the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.database.engine import Database
from archive.texts.search.sketch import likeness, sketch
from archive.texts.search.sketch_rows import Asked, SketchedText, candidates, sketches_of, titles_of
from archive.texts.search.thresholds import ALIKE, LEAST
from archive.values.urlkey import urlkey

REACH = 200
"""Maximum number of compared texts that share a band: this limits the cost of an error page of many addresses."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Another address with nearly the same text: the most similar of its text versions."""

    url: str
    at: datetime
    """When its page was first captured with that text."""
    likeness: float
    """The estimated fraction of shingles that the two texts share."""
    source: str
    collection: str
    record_id: str
    title: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies of a text, most similar first; equal ones earliest first."""

    items: tuple[Copy, ...]
    total: int
    """The number of copies."""
    complete: bool = True
    """False if there are more texts than were compared: then `total` is a minimum."""
    comparable: bool = True
    """False for a text that is too short for comparison."""


NONE = Copies((), 0)
INCOMPARABLE = Copies((), 0, comparable=False)
_GONE = (None, None)
"""Of a text that was removed meanwhile."""


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
    """Find the copies of the text of a record, at other addresses than `url`.

    Raises ValueError for an invalid threshold.
    """
    if not LEAST <= threshold <= 1:
        raise ValueError(f"the threshold {threshold} is not between {LEAST} and 1")
    asked = sketches_of(database, [record_id]).get(record_id)
    if asked is None:
        made = sketch(text)
        if made is None:
            return INCOMPARABLE
        asked = Asked(made)
    [found] = _copies(database, [(asked, url)], threshold, limit, reach)
    return found


def copies_of_each(database: Database, urls: Mapping[str, str], *, limit: int, reach: int) -> dict[str, Copies]:
    """Find the copies of the texts of many records with few queries. `urls` and the result are by record id.

    A text without a sketch counts as too short.
    """
    made = sketches_of(database, list(urls))
    found = _copies(database, [(made[record], urls[record]) for record in made], ALIKE, limit, reach)
    return dict.fromkeys(urls, INCOMPARABLE) | dict(zip(made, found, strict=True))


def _copies(
    database: Database, asked: Sequence[tuple[Asked, str]], threshold: float, limit: int, reach: int
) -> list[Copies]:
    """Find the copies for each sketch with its URL."""
    own = [urlkey(url) for _, url in asked]
    wanted = [(made, made.urlkey != key) for (made, _), key in zip(asked, own, strict=True)]
    there = candidates(database, wanted, reach)
    alike = [
        _alike(made.sketch, key, those, threshold) for (made, _), key, (those, _) in zip(asked, own, there, strict=True)
    ]
    titles = titles_of(database, [each.record_id for those in alike for _, each in those[:limit]])
    return [
        Copies(
            tuple(_copy(share, each, *titles.get(each.record_id, _GONE)) for share, each in those[:limit]),
            len(those),
            complete,
        )
        for those, (_, complete) in zip(alike, there, strict=True)
    ]


def _alike(
    asked: bytes, own: str, others: Iterable[SketchedText], threshold: float
) -> list[tuple[float, SketchedText]]:
    """Return one similar text for each address with another key than `own`, in order."""
    shares = ((likeness(asked, each.sketch), each) for each in others if each.urlkey != own)
    ordered = sorted(shares, key=lambda pair: (-pair[0], pair[1].first_at, pair[1].url, pair[1].record_id))
    found: dict[str, tuple[float, SketchedText]] = {}
    for share, each in ordered:
        if share >= threshold:
            found.setdefault(each.urlkey, (share, each))
    return list(found.values())


def _copy(share: float, of: SketchedText, title: str | None, language: str | None) -> Copy:
    return Copy(of.url, of.first_at, share, of.source, of.collection, of.record_id, title, language)
