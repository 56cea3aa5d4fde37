"""The search page: one form and its results (pages, or items of users' spiders), in plain HTML."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse

from archive.texts.search.search import SearchFilters
from archive.texts.snapshot_notes import SnapshotNotes
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views.search import FoundShape, find, find_items, narrowed
from pressmark.views.similar import CopiesShape, copies_shape

router = Part(include_in_schema=False)

_PAGE = 20
"""Results on a page of the search."""
_COPIES = 3
"""Other addresses that are named under each result."""
_REACH = 25
"""Texts with more copies than this are not counted to the end for a line of a page."""
_FIELDS = ("language", "source", "collection", "site", "since", "until", "tag")
_CHECKS = ("current", "verdicts", "items")


@router.get("/search")
def search(request: Request, service: Desk, q: str = "", cursor: str | None = None) -> HTMLResponse:
    """Show the form alone without words; a message for an invalid field is above it."""
    asked = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    checked = {name: bool(request.query_params.get(name)) for name in _CHECKS}
    facts: dict[str, Any] = {"words": q, "asked": asked, **checked, "sources": service.sources.names}
    facts["tags"] = sorted({*service.sources.outlines().by_tag, *SnapshotNotes(service.database).offered(asked["tag"])})
    try:
        where = narrowed(service, **asked, current=checked["current"], verdicts=checked["verdicts"])
        there = _found(service, q, where, cursor, items=checked["items"])
    except ValueError as error:
        facts |= {"found": None, "following": None, "items_too": None}
        return page(request, "search.html", status=422, **facts, problem=str(error))
    given = {name: value for name, value in asked.items() if value} | {name: "1" for name in _CHECKS if checked[name]}
    asked_for = f"/search?{urlencode({'q': q, **given})}"
    following = there.pop("next")
    facts["following"] = f"{asked_for}&{urlencode({'cursor': following})}" if following else None
    facts["here"] = f"{asked_for}&{urlencode({'cursor': cursor})}" if cursor else asked_for
    facts["items_too"] = f"{asked_for}&items=1" if there.pop("also_items", False) else None
    return page(request, "search.html", **facts, **there, problem=None)


def _found(service: Service, q: str, where: SearchFilters, cursor: str | None, *, items: bool) -> dict[str, Any]:
    """What the page shows: items, or pages and whether items match, too. Raises ValueError."""
    if items:
        given = find_items(service, q, where, limit=_PAGE, cursor=cursor)
        return {"found": given.items, "next": given.next}
    found = find(service, q, where, limit=_PAGE, cursor=cursor)
    also = not cursor and service.archive.has_items() and bool(find_items(service, q, where, limit=1).items)
    notes = SnapshotNotes(service.database).of([one.record_id for one in found.items])
    tags = {record: note.said.tags for record, note in notes.items()}
    copies = _copies(service, found.items)
    return {"found": found.items, "next": found.next, "copies": copies, "also_items": also, "tags_of": tags}


def _copies(service: Service, found: list[FoundShape]) -> dict[str, CopiesShape]:
    """Return where else each text was published, by its record."""
    urls = {one.record_id: one.url for one in found}
    there = service.archive.copies_of_each(urls, limit=_COPIES, reach=_REACH)
    return {record: copies_shape(copies) for record, copies in there.items()}
