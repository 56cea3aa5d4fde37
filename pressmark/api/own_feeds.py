"""/api/v1/feeds: new and changed pages as Atom, chosen by what a reader may and wants to see."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi import Path as PathParameter
from starlette.responses import Response

from archive.index.change_rows import Among, ChangeFeed
from archive.index.changes import Changes
from pressmark.api.feeds import ATOM_ANSWER, Limit
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.target import public_home
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.feeds import MEDIA_TYPE, PAGE, TAG, FeedHead, write_feed
from pressmark.views.shapes import LARGEST_NUMBER, Shape

router = Part(prefix="/api/v1/feeds", tags=["feeds"], default_response_class=Response)

_LOOKS = 20
"""Windows of the archive that one answer looks at, where few changes match."""
Name = Annotated[str, Query(max_length=100)]
Secret = Annotated[str, PathParameter(alias="secret", max_length=100)]
Before = Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)]


class Wanted(Shape):
    """Which pages a feed has: those that meet all that is given."""

    source: str
    collection: str
    tag: str
    language: str
    show: Literal["", "unread", "star", "later"]


def _wanted(
    source: Name = "",
    collection: Name = "",
    tag: Name = "",
    language: Name = "",
    show: Literal["", "unread", "star", "later"] = "",
) -> Wanted:
    return Wanted(source=source, collection=collection, tag=tag, language=language, show=show)


Chosen = Annotated[Wanted, Depends(_wanted)]


@router.get("/mine", responses=ATOM_ANSWER)
def own_feed(request: Request, service: Desk, wanted: Chosen, before: Before = None, limit: Limit = PAGE) -> Response:
    """Return an Atom feed of new and changed pages, newest first, by source, collection, tag or language, or of those
    that you have not read (`show=unread`), starred (`star`) or saved for later (`later`)."""
    return _answer(request, service, wanted, before, limit)


@router.get("/of/{secret}", responses=ATOM_ANSWER)
def feed_of_address(
    request: Request, service: Desk, _secret: Secret, wanted: Chosen, before: Before = None, limit: Limit = PAGE
) -> Response:
    """Return the feed `/api/v1/feeds/mine` of the person whose feed address this is. It needs no access token, and
    opens nothing else."""
    return _answer(request, service, wanted, before, limit)


def _answer(request: Request, service: Service, wanted: Wanted, before: int | None, limit: int) -> Response:
    service.sources.poll()
    reader, home = caller_name(), public_home(request, service.settings)
    chosen = {name: value for name, value in wanted.model_dump().items() if value}
    records, following = _records(service, wanted, reader, before, limit)
    found = Changes(service.database).of_records(records)
    here = home + request.url.path

    def page(start: int | None) -> str:
        query = urlencode({**chosen, **({"before": start} if start else {})})
        return f"{here}?{query}" if query else here

    head = FeedHead(
        tag=f"{TAG}:feed/mine?{urlencode({**chosen, 'reader': reader})}",
        title=f"{' · '.join(chosen.values()) or 'Pressmark'}: new and changed pages",
        own=page(before),
        first=page(None),
        next=page(following) if following else None,
        alternate=f"{home}/new?{urlencode(chosen)}",
    )
    stamped = [(change, stamp(service, change.url, change.at, change.record_id)) for change in found]
    private = {"Cache-Control": "private, no-cache"}
    return Response(write_feed(head, home, stamped), media_type=MEDIA_TYPE, headers=private)


def _records(
    service: Service, wanted: Wanted, reader: str, before: int | None, limit: int
) -> tuple[list[str], int | None]:
    """Return the records of the wanted changes, and the value of `before` for the next page; None at the end."""
    tagged = service.sources.outlines().by_tag
    where = Among(
        source=wanted.source or None,
        sources=tagged.get(wanted.tag, ()) if wanted.tag else None,
        tag=wanted.tag or None,
        collection=wanted.collection or None,
        language=wanted.language or None,
    )
    feed, found = ChangeFeed(service.database), list[str]()
    for _ in range(_LOOKS):
        page = feed.among(
            where, before=before, reader=reader, only=wanted.show or None, limit=limit - len(found), beginning=0
        )
        found += [piece.record_id for piece in page.items]
        before = page.next
        if before is None or len(found) >= limit:
            break
    return found, before
