"""New and changed pages, to be read one after another."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.index.change_rows import ChangeFeed, Piece
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.feeds import Feed
from pressmark.views.links import link
from pressmark.views.shapes import LARGEST_NUMBER

router = Part(include_in_schema=False)

_PAGE = 30
"""Changes on a page."""


@router.get("/new")
def new(request: Request, service: Desk, source: str = "", before: int | None = None) -> HTMLResponse:
    """Show the newest first, a page at a time by the number of the last entry."""
    start = min(max(before, 0), LARGEST_NUMBER) if before is not None else None
    found = ChangeFeed(service.database).pieces(before=start, source=source or None, limit=_PAGE)
    return page(
        request,
        "new.html",
        scripts=("reader.js",),
        items=with_links(service, found.items),
        following=found.next,
        source=source,
        feed=Feed(source=source or None).path,
        sources=service.sources.names,
    )


def with_links(service: Service, pieces: Iterable[Piece]) -> list[tuple[Piece, str]]:
    """Return each piece with the end of the paths of its pages: timestamp and URL."""
    return [(piece, f"{stamp(service, piece.url, piece.at, piece.record_id)}/{link(piece.url)}") for piece in pieces]
