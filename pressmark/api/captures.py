"""/api/v1/captures: the captures of a URL."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from archive.values.urlkey import Match
from pressmark.http.dependencies import Desk, Part
from pressmark.http.target import Named
from pressmark.upkeep.why import why
from pressmark.views.capture_pages import captures_of
from pressmark.views.capture_shapes import Captures
from pressmark.views.source_shapes import WhyShape

router = Part(prefix="/api/v1", tags=["captures"])

Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/captures")
def list_captures(
    service: Desk,
    *,
    url: Named,
    since: str | None = None,
    until: str | None = None,
    match: Match = "exact",
    collection: str | None = None,
    tag: str | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> Captures:
    """List the captures (archived versions) of a URL, newest first. With another value of `match`, list the captures of
    all URLs that match, sorted by URL.

    `since` and `until` are times as YYYYMMDDhhmmss, or only their first digits; `until=2026` includes the whole year.
    If the URL is another address of a page, the answer has the captures of that page, and `alias_of` is the main
    address. With `tag`, list only the captures to which people gave this tag.
    """
    return captures_of(
        service,
        url,
        since=since,
        until=until,
        match=match,
        collection=collection,
        tag=tag,
        cursor=cursor,
        limit=limit,
    )


@router.get("/why")
def explain_page(service: Desk, *, url: Named) -> WhyShape:
    """Explain what Pressmark knows about a URL: its captures (archived versions), its other addresses, when it is
    fetched next, and which rules decide this."""
    service.sources.poll()
    return why(service, url)
