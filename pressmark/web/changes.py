"""New and changed pages, to be read one after another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Literal
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from archive.index.change_rows import Among, ChangeFeed, Piece
from archive.index.reading_marks import KINDS, Kind, ReadingMarks
from archive.texts.snapshot_notes import SnapshotNotes
from pressmark.http.dependencies import Desk, Part
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views.capture_choice import stamp
from pressmark.views.collections import Collections
from pressmark.views.feeds import Feed
from pressmark.views.links import link
from pressmark.views.shapes import LARGEST_NUMBER
from pressmark.web.forms import form

router = Part(include_in_schema=False)

_PAGE = 30
"""Changes on a page."""
_MARKS: dict[str, tuple[Kind, bool]] = {
    **{kind: (kind, True) for kind in KINDS},
    **{f"no-{kind}": (kind, False) for kind in KINDS},
}
"""What the buttons of a page send."""
_QUERY = re.compile(r"[\w=&%+.:~-]{0,2000}", re.ASCII)


@router.get("/new")
def new(
    request: Request,
    service: Desk,
    *,
    source: str = "",
    collection: str = "",
    tag: str = "",
    language: str = "",
    show: Literal["", "unread", "star", "later"] = "",
    before: int | None = None,
) -> HTMLResponse:
    """Show the newest first, a page at a time by the number of the last entry, with the marks of the reader."""
    start = min(max(before, 0), LARGEST_NUMBER) if before is not None else None
    chosen = {"source": source, "collection": collection, "tag": tag, "language": language.strip(), "show": show}
    tagged = service.sources.outlines().by_tag
    where = Among(
        source=source or None,
        sources=tagged.get(tag, ()) if tag else None,
        tag=tag or None,
        collection=collection or None,
        language=chosen["language"] or None,
    )
    found = ChangeFeed(service.database).among(
        where, before=start, reader=_reader(request), only=show or None, limit=_PAGE
    )
    query = urlencode({name: value for name, value in chosen.items() if value})
    place = {"before": start} if start is not None else {}
    here = "?".join(filter(None, ("/new", "&".join(filter(None, (query, urlencode(place)))))))
    notes = SnapshotNotes(service.database)
    tags_of = {record: one.said.tags for record, one in notes.of([each.record_id for each in found.items]).items()}
    feed = Feed(source=source) if source else Feed(collection=collection or None)
    return page(
        request,
        "new.html",
        scripts=("reader.js",),
        items=with_links(service, found.items),
        following=found.next,
        before=start,
        records=" ".join(piece.record_id for piece in found.items if "read" not in piece.marks),
        query=query,
        here=here,
        tags_of=tags_of,
        feed=feed.path,
        sources=service.sources.names,
        collections=Collections(service).names()[1:],
        tags=sorted({*tagged, *notes.offered(tag)}),
        chosen=chosen,
        source=source,
        collection=collection,
        show=show,
    )


@router.post("/new/marks")
async def mark(request: Request, service: Desk) -> RedirectResponse:
    """Set or clear a mark of the reader on the pages of some records."""
    sent = {"records": "", "mark": "", "next": ""} | await form(request)
    kind, wanted = _MARKS.get(sent["mark"], (None, True))
    records = sent["records"].split()
    if kind is None or len(records) > _PAGE:
        raise Refused(422, "invalid form")
    marks = ReadingMarks(service.database, _reader(request))
    await in_thread(partial(marks.set, kind, records, wanted=wanted))
    return RedirectResponse(f"/new?{sent['next']}" if _QUERY.fullmatch(sent["next"]) else "/new", 303)


def _reader(request: Request) -> str:
    """Return who reads, as the audit trail names callers."""
    return str(request.scope["state"]["caller"])


def with_links(service: Service, pieces: Iterable[Piece]) -> list[tuple[Piece, str]]:
    """Return each piece with the end of the paths of its pages: timestamp and URL."""
    return [(piece, f"{stamp(service, piece.url, piece.at, piece.record_id)}/{link(piece.url)}") for piece in pieces]
