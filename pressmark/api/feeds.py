"""/api/v1/feeds: new and changed pages, as Atom."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import Response

from pressmark.http.dependencies import Desk, Part
from pressmark.http.target import public_home
from pressmark.notify.watches.watch_feed import watch_feed
from pressmark.service.service import Service
from pressmark.views.feeds import MEDIA_TYPE, PAGE, Feed, feed
from pressmark.views.shapes import LARGEST_NUMBER

router = Part(
    prefix="/api/v1/feeds",
    tags=["feeds"],
    default_response_class=Response,
)

Before = Annotated[str | None, Query(max_length=80)]
Limit = Annotated[int, Query(ge=1, le=200)]
ATOM_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {}}, "description": "A page of the feed; `next` links lead to older pages."}
}


@router.get("/all", responses=ATOM_ANSWER)
def feed_of_all(request: Request, service: Desk, before: Before = None, limit: Limit = PAGE) -> Response:
    """Return an Atom feed of the new and changed pages of all sources, newest first."""
    return _answer(request, service, Feed(), before, limit)


@router.get("/sources/{name}", responses=ATOM_ANSWER)
def feed_of_source(request: Request, service: Desk, name: str, before: Before = None, limit: Limit = PAGE) -> Response:
    """Return an Atom feed of the new and changed pages of a source, newest first."""
    return _answer(request, service, Feed(source=name), before, limit)


@router.get("/collections/{name}", responses=ATOM_ANSWER)
def feed_of_collection(
    request: Request, service: Desk, name: str, before: Before = None, limit: Limit = PAGE
) -> Response:
    """Return an Atom feed of the new and changed pages of a collection, newest first."""
    return _answer(request, service, Feed(collection=name), before, limit)


@router.get("/watches/{name}", responses=ATOM_ANSWER)
def feed_of_watch(
    request: Request,
    service: Desk,
    name: str,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)] = None,
    limit: Limit = PAGE,
) -> Response:
    """Return an Atom feed of the sentences that a watch has found, newest first. A watch finds words that you choose in
    new text."""
    home = public_home(request, service.settings)
    return Response(watch_feed(service, name, home, before=before, limit=limit), media_type=MEDIA_TYPE)


def _answer(request: Request, service: Service, which: Feed, before: str | None, limit: int) -> Response:
    service.sources.poll()
    home = public_home(request, service.settings)
    return Response(feed(service, which, home, before=before, limit=limit), media_type=MEDIA_TYPE)
