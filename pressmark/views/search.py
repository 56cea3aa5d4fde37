"""Search as all doors offer it: the parameters, and the shape of the results."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from urllib.parse import quote

from archive.database.time_limit import time_limit
from archive.texts.search.items import FoundItem
from archive.texts.search.search import Found, SearchFilters
from archive.texts.search.snippet import Snippet
from archive.values.timestamps import parse_timestamp, timestamp14
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp, stamps
from pressmark.views.describe_captures import page_link
from pressmark.views.shapes import Listing, Shape


class PieceShape(Shape):
    """A part of a snippet."""

    text: str
    marked: bool
    """Whether it matches the search."""


class FoundShape(Shape):
    """A text that a page had, and where it matches."""

    url: str
    timestamp: str
    """UTC, to the second: when the page was first captured with this text."""
    at: datetime
    last_at: datetime
    """When it was last newly captured with it."""
    superseded_at: datetime | None
    """When the page was first captured with another text; null for its newest."""
    current: bool
    title: str
    snippet: str
    title_pieces: list[PieceShape]
    snippet_pieces: list[PieceShape]
    """The same, split where words are marked."""
    language: str | None
    source: str
    collection: str
    verdict: str | None
    """What it is instead of the page: blocked, captcha, login, soft-404, parked; found if `verdicts` asks for it."""
    score: float
    """Higher is better."""
    record_id: str
    page: str
    """The page that shows it."""


class FoundItemShape(Shape):
    """An item of a user's spider, and where it matches."""

    run: str
    number: int
    """Which item of its run it is, from 0."""
    source: str
    collection: str
    url: str
    """Of the response that it came from; empty if it came from none."""
    record_id: str | None
    """Of that response in the WARC."""
    at: datetime
    """When that response was captured, or the run requested."""
    item: Any
    snippet: str
    """Values of the item around a match."""
    snippet_pieces: list[PieceShape]
    """The same, cut where words are marked."""
    score: float
    """More is better."""
    page: str | None
    """The snapshot that it came from."""
    run_page: str


def narrowed(
    service: Service,
    *,
    language: str | None = None,
    source: str | None = None,
    collection: str | None = None,
    site: str | None = None,
    since: str | None = None,
    until: str | None = None,
    current: bool = False,
    verdicts: bool = False,
    tag: str | None = None,
) -> SearchFilters:
    """Return which texts are searched; times are as people write them. Raises ValueError."""
    return SearchFilters(
        language=language or None,
        source=source or None,
        collection=collection or None,
        site=site or None,
        since=parse_timestamp(since) if since else None,
        until=parse_timestamp(until, end=True) if until else None,
        current=current,
        verdicts=verdicts,
        tag=tag or None,
        tag_sources=tuple(sorted(service.sources.outlines().by_tag.get(tag, ()))) if tag else (),
    )


def find(
    service: Service, words: str, where: SearchFilters, *, limit: int = 20, cursor: str | None = None
) -> Listing[FoundShape]:
    """Return a page of results. Raises ValueError for an invalid cursor or site, and QueryTooLong."""
    with _time_limit(service):
        found = service.archive.search(words, where, limit=limit, cursor=cursor)
    return Listing(items=found_shapes(service, found.items), next=found.next)


def find_items(
    service: Service, words: str, where: SearchFilters, *, limit: int = 20, cursor: str | None = None
) -> Listing[FoundItemShape]:
    """Return a page of the items that are found. Raises as `find`."""
    with _time_limit(service):
        found = service.archive.search_items(words, where, limit=limit, cursor=cursor)
    return Listing(items=[_item_shape(service, one) for one in found.items], next=found.next)


def _time_limit(service: Service) -> AbstractContextManager[None]:
    return time_limit(service.settings.http.search_timeout.total_seconds())


def _item_shape(service: Service, found: FoundItem) -> FoundItemShape:
    page = found.record_id and page_link(found.url, stamp(service, found.url, found.at, found.record_id))
    return FoundItemShape(
        run=found.run,
        number=found.number,
        source=found.source,
        collection=found.collection,
        url=found.url,
        record_id=found.record_id,
        at=found.at,
        item=found.item,
        snippet=_plain(found.snippet),
        snippet_pieces=_pieces(found.snippet),
        score=found.score,
        page=page,
        run_page=f"/runs/{quote(found.run)}",
    )


def found_shapes(service: Service, found: Sequence[Found]) -> list[FoundShape]:
    named = stamps(service, [(one.url, one.at, one.record_id) for one in found])
    return [_found_shape(one, stamp) for one, stamp in zip(found, named, strict=True)]


def _found_shape(found: Found, stamp: str) -> FoundShape:
    return FoundShape(
        url=found.url,
        timestamp=timestamp14(found.at),
        at=found.at,
        last_at=found.last_at,
        superseded_at=found.superseded_at,
        current=found.superseded_at is None,
        title=_plain(found.title),
        snippet=_plain(found.snippet),
        title_pieces=_pieces(found.title),
        snippet_pieces=_pieces(found.snippet),
        language=found.language,
        source=found.source,
        collection=found.collection,
        verdict=found.verdict,
        score=found.score,
        record_id=found.record_id,
        page=page_link(found.url, stamp),
    )


def _plain(snippet: Snippet) -> str:
    return "".join(piece.text for piece in snippet)


def _pieces(snippet: Snippet) -> list[PieceShape]:
    return [PieceShape(text=piece.text, marked=piece.marked) for piece in snippet]
