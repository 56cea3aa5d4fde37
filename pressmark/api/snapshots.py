"""/api/v1/snapshots: a capture as JSON, raw payload, text, posts, tables, or header fields; its tags and note."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, PlainTextResponse, Response

from archive.retrieval.snapshot import Snapshot
from archive.texts.text_as_markdown import markdown_of
from extractor.values.thread_json import thread_json
from pressmark.http import raw_answer as replay
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.http.target import public_home, url_after
from pressmark.views import describe_captures
from pressmark.views.capture_choice import snapshot_at, stamp_of
from pressmark.views.capture_shapes import SnapshotShape
from pressmark.views.citations.styles import BY_NAME, STYLES, StyleName
from pressmark.views.citations.work import work_of
from pressmark.views.review.snapshot_notes import (
    LONGEST_NOTE,
    MOST_AT_ONCE,
    MOST_TAGS,
    SnapshotNoteShape,
    TagShape,
    annotate,
    change_tags,
    list_notes,
    note_of,
    notes_csv,
    said_before,
    said_now,
    tag_counts,
)
from pressmark.views.shapes import Listing
from pressmark.views.tables import csv_of, json_of, tables_in

router = Part(prefix="/api/v1", tags=["snapshots"])

View = Literal["json", "raw", "text", "markdown", "thread", "tables", "tables.csv", "headers"]
_BEFORE = 5
"""Segments of the path before the URL: api, v1, snapshots, timestamp, view; api, v1, citations, timestamp, style."""
_BEFORE_NOTE = 4


@router.get(
    "/snapshots/{timestamp}/{view}/{url:path}",
    response_model=SnapshotShape,
    responses={200: {"content": {"text/plain": {}, "text/markdown": {}, "application/octet-stream": {}}}},
)
def show_snapshot(
    request: Request,
    timestamp: str,
    view: View,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> Response:
    """Return the capture (archived version) of a URL that is nearest to a time.

    `latest` means the newest capture. If several captures have the same second, `TIME~RECORD` selects one of them;
    RECORD is the id of its WARC record.

    The view, a word in the address of the request, says what is returned; the archived URL, with its query, follows it:
    `/api/v1/snapshots/latest/text/https://example.org/page?id=7`. You may percent-encode the URL. The views are:

    `json`: the facts about the capture, with the addresses of its other views.

    `raw`: the archived content as a download. Each archived header comes with a name that begins with X-Archive-Orig-,
    such as X-Archive-Orig-Content-Type.

    `text`: the extracted text.

    `markdown`: this text as Markdown, with HTML only for tables that Markdown can't represent.

    `thread`: the posts of a forum page, or the comments under an article.

    `tables`: the tables of the text as JSON.

    `tables.csv`: the tables of the text as CSV.

    `headers`: the archived headers of the response.
    """
    wanted = url_after(request, _BEFORE)
    with snapshot_at(service, wanted, timestamp) as found:
        if view == "json":
            return JSONResponse(describe_captures.snapshot_shape(service, found).model_dump(mode="json", by_alias=True))
        if view == "raw":
            headers = request.headers
            accepted, known = headers.get("accept-encoding", ""), headers.get("if-none-match", "")
            return replay.raw(found, accepted=accepted, known=known)
        if view == "headers":
            head = found.head.decode("latin-1")
            return PlainTextResponse(head, headers=replay.SANDBOX | replay.memento(found))
        if view == "thread":
            thread = found.text.thread if found.text else None
            if thread is None:
                raise Refused(404, f"the capture of {found.capture.url} has no extracted posts")
            return JSONResponse(thread_json(thread), headers=replay.memento(found))
        if view in ("tables", "tables.csv"):
            return _tables(found, as_csv=view == "tables.csv")
        if found.text is None or found.text.text is None:
            raise Refused(404, found.why_no_text)
        shown = (markdown_of(found.text) if view == "markdown" else None) or found.text.text
        kind = "text/markdown" if view == "markdown" else "text/plain"
        return PlainTextResponse(shown + "\n", headers=replay.SANDBOX | replay.memento(found), media_type=kind)


@router.get(
    "/citations/{timestamp}/{style}/{url:path}",
    response_class=PlainTextResponse,
    responses={200: {"content": {style.media_type: {} for style in STYLES}}},
)
def cite_snapshot(
    request: Request,
    timestamp: str,
    style: StyleName,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> Response:
    """Return a citation of an archived page, with a permanent link. You give a time; the capture (archived version)
    nearest to it is cited.

    `apa`, `mla`, `chicago` and `gbt7714` are for people, `bibtex`, `ris` and `csl-json` for reference managers.
    """
    chosen = BY_NAME[style]
    with snapshot_at(service, url_after(request, _BEFORE), timestamp) as found:
        path = describe_captures.page_link(found.capture.url, stamp_of(service, found.capture))
        cited = chosen.write(work_of(found, public_home(request, service.settings) + path))
        headers = replay.SANDBOX | replay.memento(found)
    if chosen.suffix:
        headers["Content-Disposition"] = f'attachment; filename="citation.{chosen.suffix}"'
    return PlainTextResponse(cited, headers=headers, media_type=chosen.media_type)


def _next(request: Request, cursor: str | None) -> dict[str, str]:
    """Return the header field that leads to the next page (RFC 8288)."""
    return {"Link": f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'} if cursor else {}


Tag = Annotated[str, Field(max_length=80)]


class WrittenNote(BaseModel):
    """The tags and the note of a snapshot, all of them: they replace those before."""

    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class ChangedTags(BaseModel):
    """Tags to add to several snapshots, and to remove from them."""

    records: Annotated[list[Annotated[str, Field(max_length=300)]], Field(min_length=1, max_length=MOST_AT_ONCE)]
    """Record ids, as `record_id` names them."""
    add: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []
    remove: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []


@router.get(
    "/notes",
    response_model=Listing[SnapshotNoteShape],
    responses={200: {"content": {"text/csv": {}}}},
)
def list_snapshot_notes(
    request: Request,
    service: Desk,
    *,
    tag: Annotated[str | None, Query(max_length=80)] = None,
    source: str | None = None,
    collection: str | None = None,
    format: Literal["json", "csv"] = "json",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Response:
    """List the tags and notes that people gave to snapshots; those that were written last come first. With
    `format=csv`, return this part of the list as a table."""
    found = list_notes(service, tag=tag, source=source, collection=collection, cursor=cursor, limit=limit)
    if format == "csv":
        return PlainTextResponse(notes_csv(found.items), headers=_next(request, found.next), media_type="text/csv")
    return JSONResponse(found.model_dump(mode="json"))


@router.get("/notes/tags")
def list_snapshot_tags(service: Desk) -> Listing[TagShape]:
    """List the tags of snapshots, with the number of snapshots that have each."""
    return Listing(items=tag_counts(service))


@router.post("/notes/tags")
def change_snapshot_tags(request: Request, wanted: ChangedTags, service: Desk) -> Listing[SnapshotNoteShape]:
    """Add tags to several snapshots, and remove others. All of them change, or none does. Return those that changed."""
    changed = change_tags(service, wanted.records, wanted.add, wanted.remove, by=caller_name())
    note(request, target=" ".join(one.record_id for one in changed), after=wanted.model_dump(include={"add", "remove"}))
    return Listing(items=changed)


@router.get("/notes/{timestamp}/{url:path}")
def show_snapshot_note(
    request: Request,
    timestamp: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    service: Desk,
) -> SnapshotNoteShape:
    """Show the tags and the note of the capture of a URL that is nearest to a time."""
    with snapshot_at(service, url_after(request, _BEFORE_NOTE), timestamp) as found:
        shape = note_of(service, found.capture.record_id)
        if shape is None:
            raise Refused(404, f"the capture of {found.capture.url} has no tags and no note")
        return shape


@router.put("/notes/{timestamp}/{url:path}")
def write_snapshot_note(
    request: Request,
    timestamp: str,
    url: str,  # noqa: ARG001 (FastAPI has decoded it: it is taken from the raw path instead)
    wanted: WrittenNote,
    service: Desk,
) -> SnapshotNoteShape:
    """Write the tags and the note of a snapshot; they replace those before, which the answer names. Without tags and
    with an empty note, they are removed."""
    with snapshot_at(service, url_after(request, _BEFORE_NOTE), timestamp) as found:
        shape = annotate(service, found, wanted.tags, wanted.note, by=caller_name())
    note(request, target=shape.page, before=said_before(shape), after=said_now(shape))
    return shape


def _tables(found: Snapshot, *, as_csv: bool) -> Response:
    tables = tables_in(found.text) if found.text else ()
    if not tables:
        raise Refused(404, f"the capture of {found.capture.url} has no extracted tables")
    headers = replay.SANDBOX | replay.memento(found)
    if as_csv:
        return PlainTextResponse(csv_of(tables), headers=headers, media_type="text/csv")
    return JSONResponse(json_of(tables), headers=headers)
