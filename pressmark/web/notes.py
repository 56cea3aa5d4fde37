"""The tags and notes that people gave to snapshots: write them, list them, and tag several snapshots."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.target import url_after
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.review.snapshot_notes import (
    SnapshotNoteShape,
    annotate,
    change_tags,
    list_notes,
    said_before,
    said_now,
    tag_counts,
    undo_note,
)
from pressmark.web.forms import form, form_lists
from pressmark.web.source_fields import tags_in

router = Part(include_in_schema=False)

_PAGE = 50
_BACK = re.compile(r"/(?:new|search)(?:\?[\w=&%+.:~*-]{0,2000})?", re.ASCII)
"""Pages with a form for tags: the answer leads back to them."""


@router.get("/notes")
def notes(request: Request, service: Desk, *, tag: str = "", cursor: str | None = None) -> HTMLResponse:
    """List the snapshots with tags or a note, those that were written last first; with `tag`, those that have it."""
    found = list_notes(service, tag=tag, cursor=cursor, limit=_PAGE)
    following = f"/notes?{urlencode({'tag': tag, 'cursor': found.next})}" if found.next else None
    facts: dict[str, Any] = {"notes": found.items, "tags": tag_counts(service, tag), "tag": tag, "following": following}
    return page(request, "notes.html", **facts)


@router.post("/notes/write/{timestamp}/{rest:path}")
async def write(request: Request, timestamp: str, service: Desk) -> RedirectResponse:
    """Write the tags and the note of a snapshot, or what was there before the last change."""
    sent = {"tags": "", "note": "", "seen": "", "action": "save"} | await form(request)
    if sent["action"] not in ("save", "undo"):
        raise Refused(422, "invalid form")
    url = url_after(request, 3)
    shape = await in_thread(partial(_written, service, url, timestamp, sent, caller_name()))
    if shape is None:
        raise Refused(404, f"the capture of {url} has no tags and no note")
    note(request, target=shape.page, before=said_before(shape), after=said_now(shape))
    return RedirectResponse(shape.page, 303)


def _written(service: Service, url: str, when: str, sent: dict[str, str], by: str) -> SnapshotNoteShape | None:
    with snapshot_at(service, url, when) as found:
        if sent["action"] == "undo":
            return undo_note(service, found, by=by, seen=sent["seen"])
        return annotate(service, found, tags_in(sent["tags"]), sent["note"], by=by, seen=sent["seen"])


@router.post("/notes/tags")
async def tag_several(request: Request, service: Desk) -> RedirectResponse:
    """Add tags to the chosen snapshots; those with a minus before them are removed."""
    sent = await form_lists(request, fields=300)
    tags = tags_in(sent.get("tags", [""])[-1])
    if not tags:
        raise Refused(422, "give at least one tag")
    records = list(sent.get("record", ()))
    if not records:
        raise Refused(422, "choose at least one page")
    removed = [one[1:].strip() for one in tags if one.startswith("-")]
    added = [one for one in tags if not one.startswith("-")]
    changed = await in_thread(partial(change_tags, service, records, added, removed, by=caller_name()))
    said = {"add": added, "remove": removed}
    note(request, target=" ".join(one.record_id for one in changed), after=said)
    back = sent.get("back", [""])[-1]
    if _BACK.fullmatch(back):
        return RedirectResponse(back, 303)
    shown = sent.get("tag", [""])[-1]
    return RedirectResponse(f"/notes?{urlencode({'tag': shown})}" if shown else "/notes", 303)
