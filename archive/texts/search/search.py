"""Full-text search over all text versions of pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from archive.database.engine import Database
from archive.database.schema import moment
from archive.texts.search.query import Query, parse
from archive.texts.search.search_statements import Hit, Place, SearchFilters, Stored, hits, stored_texts
from archive.texts.search.snippet import Snippet, marked, snippet

Item = TypeVar("Item")

EVERYWHERE = SearchFilters()

__all__ = ["EVERYWHERE", "Found", "SearchFilters", "Slice", "search"]


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """A page of a list."""

    items: tuple[Item, ...]
    next: str | None = None
    """The cursor of the next page; None at the end."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text version of a page, and why it was found. Unchanged captures share one version."""

    url: str
    at: datetime
    """When the page was first captured with it."""
    last_at: datetime
    """When it was last captured with it in new bytes; captures of unchanged bytes don't count."""
    superseded_at: datetime | None
    """When the page was first captured with another text; None for the newest text of a page."""
    collection: str
    source: str
    language: str | None
    record_id: str
    title: Snippet
    snippet: Snippet
    verdict: str | None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked."""
    score: float
    """By BM25, with weight eight for words of the title; higher is better."""


def search(
    database: Database, words: str, narrowed: SearchFilters = EVERYWHERE, *, limit: int = 20, cursor: str | None = None
) -> Slice[Found]:
    """See `Archive.search`."""
    query = parse(words)
    after = read_cursor(cursor) if cursor else None
    if query.is_empty:
        return Slice(())
    there = hits(database, query, narrowed, after=after, limit=limit + 1)
    shown = there[:limit]
    stored = zip(stored_texts(database, shown), shown, strict=True)
    items = tuple(_found(version, hit, query) for version, hit in stored if version)
    return Slice(items, write_cursor(shown[-1].place) if len(there) > limit else None)


def _found(version: Stored, hit: Hit, query: Query) -> Found:
    return Found(
        url=version.url,
        at=version.first_at,
        last_at=version.last_at,
        superseded_at=version.superseded_at,
        collection=version.collection,
        source=version.source,
        language=version.language,
        record_id=version.record_id,
        title=marked(version.title, query),
        snippet=snippet(version.text, query),
        verdict=version.verdict,
        score=-hit.score,
    )


def write_cursor(place: Place) -> str:
    score, at, wording = place
    return f"{score}_{at}_{wording}"


def read_cursor(cursor: str) -> Place:
    """Parse a cursor. Raises ValueError."""
    try:
        score, at, wording = cursor.split("_")
        place = (float(score), int(at), int(wording))
        moment(place[1])
        if not 0 <= place[2] < 1 << 63:
            raise ValueError(cursor)
    except (ValueError, OverflowError):
        raise ValueError(f"invalid cursor {cursor!r}: use the one returned with the previous page") from None
    return place
