"""The search page: one form and its results, in plain HTML."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pressmark.http.dependencies import Desk
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views.search import FoundShape, find, narrowed
from pressmark.views.similar import CopiesShape, copies_shape

router = APIRouter(include_in_schema=False)

_PAGE = 20
_COPIES = 3
"""Other addresses that are named under each result."""
_REACH = 25
"""Texts with more copies than this are not counted to the end for a line of a page."""
_FIELDS = ("language", "source", "collection", "site", "since", "until")
_CHECKS = ("current", "verdicts")


@router.get("/search")
def search(request: Request, service: Desk, q: str = "", cursor: str | None = None) -> HTMLResponse:
    """Show the form alone without words; a message for an invalid field is above it."""
    asked = {name: request.query_params.get(name, "").strip() for name in _FIELDS}
    checked = {name: bool(request.query_params.get(name)) for name in _CHECKS}
    wanted: dict[str, Any] = asked | checked
    facts: dict[str, Any] = {
        "words": q,
        "asked": asked,
        **checked,
        "sources": sorted(each.name for each in service.sources),
    }
    try:
        found = find(service, q, narrowed(**wanted), limit=_PAGE, cursor=cursor)
    except ValueError as error:
        return page(request, "search.html", status=422, **facts, found=None, problem=str(error), following=None)
    given = {name: value for name, value in asked.items() if value} | {name: "1" for name in _CHECKS if checked[name]}
    following = f"/search?{urlencode({'q': q, **given, 'cursor': found.next})}" if found.next else None
    facts |= {"found": found.items, "copies": _copies(service, found.items)}
    return page(request, "search.html", **facts, problem=None, following=following)


def _copies(service: Service, found: list[FoundShape]) -> dict[str, CopiesShape]:
    """Return where else each text was published, by its record."""
    urls = {one.record_id: one.url for one in found}
    there = service.archive.copies_of_each(urls, limit=_COPIES, reach=_REACH)
    return {record: copies_shape(copies) for record, copies in there.items()}
