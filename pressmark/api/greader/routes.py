"""/api/v1/greader: the routes of the Google Reader API."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from archive.database.statements import batches
from archive.index.change_rows import Piece
from archive.index.reading_marks import ReadingMarks
from archive.texts.snapshot_notes import SnapshotNotes
from pressmark.api.greader.fields import MOST, Fields, fields_of, is_label, labels_in, one
from pressmark.api.greader.streams import (
    FEED,
    LABEL,
    STATE,
    STATES,
    as_items,
    chosen_items,
    items_of,
    labels,
    stream_of,
    unread_counts,
    whole_number,
)
from pressmark.http.callers import Callers, caller_name, caller_now
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import address_in
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.sessions import google_auth
from pressmark.http.target import public_home
from pressmark.service.access.roles import Role
from pressmark.service.service import Service
from pressmark.views.feeds import Feed
from pressmark.views.review.snapshot_notes import MOST_AT_ONCE, change_tags

router = Part(prefix="/api/v1/greader", include_in_schema=False)

_MARKED_AT_ONCE = 20_000
"""Newest changes that one request marks as read."""
_USUAL = 20
_LOGIN = "POST /api/v1/greader/accounts/ClientLogin"
_EDIT = "POST /api/v1/greader/reader/api/0/edit-tag"


@router.post("/accounts/ClientLogin")
async def log_in(request: Request) -> Response:
    """Log in with the name and password of a person, or with the name ``token`` and an access token."""
    callers: Callers = request.app.state.callers
    fields, address = await fields_of(request), address_in(request.scope)
    name, password = one(fields, "Email"), one(fields, "Passwd")
    if await callers.is_open():
        return _auth("anyone")
    found = await callers.log_in("" if name == "token" else name, password, address)
    if found.caller is None or found.caller.kind == "feeds":
        status = 429 if found.wait else 401
        refuse = partial(callers.access.trail.refuse, f"person {name}", address, _LOGIN, status=status)
        await run_in_threadpool(partial(refuse, why="wrong name, password or access token"))
        return PlainTextResponse("Error=BadAuthentication\n", status)
    if found.caller.kind != "person":
        return _auth(password)
    session = await run_in_threadpool(callers.access.begin_session, found.caller, address)
    await run_in_threadpool(callers.access.trail.add, str(found.caller), address, _LOGIN)
    return _auth(google_auth(session))


@router.get("/reader/api/0/token")
def token() -> Response:
    """Return a constant, which clients send with changes. Callers are known by their Authorization header."""
    return PlainTextResponse("pressmark")


@router.get("/reader/api/0/user-info")
def user_info() -> Response:
    name = caller_name()
    return JSONResponse({"userId": "-", "userName": name, "userProfileId": "-", "userEmail": ""})


@router.get("/reader/api/0/subscription/list")
def subscriptions(request: Request, service: Desk) -> Response:
    """Return the sources: each is a feed, with its collection and its tags as labels."""
    home = public_home(request, service.settings)
    listed = [
        {
            "id": f"{FEED}{name}",
            "title": name,
            "categories": [{"id": f"{LABEL}{label}", "label": label} for label in own],
            "url": home + Feed(source=name).path,
            "htmlUrl": f"{home}/sources/{name}",
            "iconUrl": "",
        }
        for name, own in labels(service).items()
    ]
    return JSONResponse({"subscriptions": listed})


@router.get("/reader/api/0/tag/list")
def tags(service: Desk) -> Response:
    """Return the labels: collections and tags of sources, and the tags that people gave to snapshots."""
    own = {label for each in labels(service).values() for label in each}
    given = SnapshotNotes(service.database).every_tag() - own
    named = [
        {"id": f"{STATE}starred"},
        *({"id": f"{LABEL}{label}", "type": "folder"} for label in sorted(own)),
        *({"id": f"{LABEL}{label}", "type": "tag"} for label in sorted(given)),
    ]
    return JSONResponse({"tags": named})


@router.get("/reader/api/0/unread-count")
def unread(service: Desk) -> Response:
    """Return how many items of each source and label the reader has not read."""
    return JSONResponse({"max": 1000, "unreadcounts": unread_counts(service, caller_name())})


@router.get("/reader/api/0/stream/contents/{stream:path}")
def contents(request: Request, service: Desk, stream: str) -> Response:
    """Return items of a stream with their texts, newest first, or with ``r=o`` oldest first."""
    fields = parse_qs(request.url.query)
    found, before = _page(service, stream, fields, has_text=True)
    home = public_home(request, service.settings)
    body: dict[str, Any] = {
        "id": stream,
        "updated": int(service.now().timestamp()),
        "items": as_items(service, found, home),
    }
    return JSONResponse(body | ({"continuation": str(before)} if before else {}))


@router.get("/reader/api/0/stream/items/ids")
def ids(request: Request, service: Desk) -> Response:
    """Return the ids of items of a stream, newest first, or with ``r=o`` oldest first."""
    fields = parse_qs(request.url.query)
    found, before = _page(service, one(fields, "s"), fields)
    listed = [{"id": str(piece.id), "timestampUsec": str(int(piece.at.timestamp() * 1_000_000))} for piece in found]
    return JSONResponse({"itemRefs": listed} | ({"continuation": str(before)} if before else {}))


@router.post("/reader/api/0/stream/items/contents")
async def chosen(request: Request, service: Desk) -> Response:
    """Return the items with some ids."""
    fields = await fields_of(request)
    home = public_home(request, service.settings)

    def found() -> list[dict[str, Any]]:
        return as_items(service, chosen_items(service, _ids(fields), caller_name(), has_text=True), home)

    return JSONResponse({"id": f"{STATE}reading-list", "items": await run_in_threadpool(found)})


@router.post("/reader/api/0/edit-tag")
async def edit_tag(request: Request, service: Desk) -> Response:
    """Mark items as read or starred, or as neither; with the role curate, add tags to them and remove tags."""
    fields = await fields_of(request)
    added, removed = (labels_in(fields.get(key, ())) for key in ("a", "r"))
    if added or removed:
        if not caller_now().role.includes(Role.CURATE):
            raise Refused(403, "tags of snapshots are seen by all readers: to change them, the role curate is needed")
        await in_thread(partial(_tag, service, fields, added, removed, address_in(request.scope)))
    await run_in_threadpool(_edit, service, fields)
    return PlainTextResponse("OK")


@router.post("/reader/api/0/mark-all-as-read")
async def mark_all(request: Request, service: Desk) -> Response:
    """Mark the items of a stream as read, up to the time `ts`."""
    fields = await fields_of(request)
    until = _time(one(fields, "ts"), 1_000_000)
    await run_in_threadpool(_mark_all, service, one(fields, "s"), until)
    return PlainTextResponse("OK")


def _page(service: Service, name: str, fields: Fields, *, has_text: bool = False) -> tuple[list[Piece], int | None]:
    """Return the items of a stream that a client asks for. Raises ValueError for an invalid field."""
    unread = any(state.endswith("/read") for state in fields.get("xt", ()))
    stream = stream_of(service, name, unread=unread, since=_time(one(fields, "ot"), 1))
    limit = min(max(int(one(fields, "n") or _USUAL), 1), MOST)
    place = one(fields, "c")
    return items_of(
        service,
        stream,
        caller_name(),
        whole_number(place) if place else None,
        limit,
        has_text=has_text,
        oldest_first=one(fields, "r") == "o",
    )


def _tag(service: Service, fields: Fields, added: list[str], removed: list[str], address: str) -> None:
    """Add tags of people to items and remove others, with a row in the audit trail. Raises ValueError."""
    who = caller_name()
    records = [piece.record_id for piece in chosen_items(service, _ids(fields), who)]
    for batch in batches(records, MOST_AT_ONCE):
        changed = change_tags(service, batch, added, removed, by=who)
        said = {"add": added, "remove": removed}
        service.access.trail.add(who, address, _EDIT, " ".join(one.record_id for one in changed), after=said)


def _edit(service: Service, fields: Fields) -> None:
    marks = ReadingMarks(service.database, caller_name())
    records = [piece.record_id for piece in chosen_items(service, _ids(fields), caller_name())]
    for key, wanted in (("a", True), ("r", False)):
        for tag in fields.get(key, ()):
            if is_label(tag):
                continue  # one may be named like a state
            state = tag.rpartition("/")[2]
            if state == "kept-unread":
                marks.set("read", records, wanted=not wanted)
            elif kind := STATES.get(state):
                marks.set(kind, records, wanted=wanted)


def _mark_all(service: Service, name: str, until: datetime | None) -> None:
    stream = stream_of(service, name, unread=True)
    marks, before = ReadingMarks(service.database, caller_name()), None
    for _ in range(_MARKED_AT_ONCE // MOST):
        found, before = items_of(service, stream, caller_name(), before, MOST)
        marks.set("read", [piece.record_id for piece in found if until is None or piece.at <= until], wanted=True)
        if before is None:
            break


def _time(text: str, per_second: int) -> datetime | None:
    """Return a time of a client. Raises ValueError for one that no calendar has."""
    try:
        return datetime.fromtimestamp(whole_number(text) / per_second, UTC) if text else None
    except (OverflowError, OSError):
        raise ValueError(f"the number {text[:80]!r} is out of range") from None


def _ids(fields: Fields) -> list[str]:
    found = fields.get("i", [])
    if len(found) > MOST:
        raise Refused(422, f"more than {MOST} items")
    return found


def _auth(secret: str) -> Response:
    return PlainTextResponse(f"SID=none\nLSID=none\nAuth={secret}\n")
