"""The pages of a snapshot.

The original in a frame of another origin, its text, its header fields, its record, a citation.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from markupsafe import Markup

from archive.retrieval.difference.captures import is_its_posts
from archive.retrieval.rendered import rendered
from archive.retrieval.snapshot import Snapshot
from archive.values.capture import Capture
from archive.values.errors import OutOfReach
from archive.values.timestamps import timestamp14
from config.names import EVERYTHING
from pressmark.http.catalog import language_of
from pressmark.http.dependencies import Desk, Part
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.http.stage.frames import Frames
from pressmark.http.stage.scenes import Scene, Scenes, origin_of
from pressmark.http.stage.stage import Stage
from pressmark.http.target import home_of, public_home, url_after
from pressmark.service.service import Service
from pressmark.views import describe_captures
from pressmark.views.capture_choice import record_named, short_path, snapshot_at, stamp_of
from pressmark.views.citations.metadata import coins, json_ld, meta
from pressmark.views.citations.styles import BY_NAME, STYLES
from pressmark.views.citations.work import work_of
from pressmark.views.redirects import redirect_of
from pressmark.views.review.snapshot_notes import LONGEST_NOTE, MOST_TAGS, note_of
from pressmark.views.similar import copies_shape
from pressmark.web.rendered.page_info import page_info
from scheduler.run import UnknownRun

router = Part(include_in_schema=False)

_COPIES = 10
"""Other addresses of a text that are named; the API names the others."""

View = Literal["text", "screenshot", "headers", "record", "cite"]


@router.get("/snapshot/{timestamp}/{rest:path}")
def snapshot(request: Request, timestamp: str, service: Desk) -> HTMLResponse:
    """Show the page in a frame: as a browser rendered it, if one did, otherwise as the server sent it.

    Around it is our description: no page of the archive can write there.
    """
    stage = _stage(request)
    try:
        opened = _found(service, request, timestamp, 2)
    except OutOfReach as lost:
        return _lost(request, service, lost)
    with opened as found:
        facts, kept = _facts(service, request, found, "page") | _copies(service, found), found.capture
        facts["leads"] = _leads(service, found)
    home, language, frame = home_of(request), language_of(request), Frames.new()
    document = facts["rendered"].document
    facts["document"] = document is not None
    if stage:
        stamp = stamp_of(service, document) if document else facts["tail"].partition("/")[0]
        facts["frame"], facts["name"] = stage.address(home, kept.url, stamp, language=language, frame=frame), frame
    frames = stage.origin_for(home) if stage else None
    shape, scripts = facts["snapshot"], ("snapshot.js",)
    return _signposted(
        page(request, "snapshot.html", frames=frames, scripts=scripts, media=bool(shape.media), **facts), facts
    )


@router.get("/c/{record:path}")
def short_link(record: str, service: Desk) -> RedirectResponse:
    """Lead from a WARC record id to the page of its capture. Raises CaptureNotFound."""
    found = record_named(service, record)
    return RedirectResponse(describe_captures.page_link(found.url, stamp_of(service, found)), 302)


@router.get("/view/shown/{frame}")
def shown(request: Request, frame: str) -> JSONResponse:
    """Return the addresses of our pages about what a frame was given first and last; null for what is not a capture."""
    stage = _stage(request)
    given = stage.shown.of(frame) if stage else None
    if given is None:
        raise Refused(404, "unknown frame")
    return JSONResponse(given._asdict(), headers={"Cache-Control": "no-store"})


@router.get("/view/scripts/{timestamp}/{rest:path}")
def with_scripts(request: Request, timestamp: str, service: Desk) -> RedirectResponse:
    """Redirect to the page with its scripts, which is never shown at our own origin, nor framed by it."""
    scenes = _scenes(request)
    if scenes is None:
        raise Refused(404, "pages can't be shown with scripts: see the setting replay.scripts")
    with _found(service, request, timestamp, 3) as found:
        kept = found.capture
    reader = home_of(request), language_of(request), _admitted(request)
    scene = Scene(origin_of(kept.url), timestamp14(kept.at), EVERYTHING, *reader)
    return RedirectResponse(scenes.around(scene, kept.url), 303, headers={"Cache-Control": "no-store"})


@router.get("/view/{view}/{timestamp}/{rest:path}")
def view(request: Request, view: View, timestamp: str, service: Desk) -> HTMLResponse:
    """Show other views of a capture."""
    try:
        opened = _found(service, request, timestamp, 3)
    except OutOfReach as lost:
        return _lost(request, service, lost)
    with opened as found:
        facts = _facts(service, request, found, view) | _more(service, view, request, found)
        if view == "screenshot":
            facts |= _screenshot(service, request, facts["rendered"].screenshot)
        if view == "text":
            facts |= _copies(service, found)
    scripts = ("copy.js",) if view == "cite" else ()
    return _signposted(page(request, f"snapshot-{view}.html", scripts=scripts, **facts), facts)


def _signposted(answer: HTMLResponse, facts: dict[str, Any]) -> HTMLResponse:
    """Tell programs which address to cite, and where the citation is as data (RFC 8574; Signposting)."""
    stamp, _, url = facts["tail"].partition("/")
    data = f'</api/v1/citations/{stamp}/csl-json/{url}>; rel="describedby"; type="{BY_NAME["csl-json"].media_type}"'
    answer.headers["Link"] = f'<{facts["permanent"]}>; rel="cite-as", {data}'
    return answer


def _found(service: Service, request: Request, timestamp: str, before: int) -> Snapshot:
    return snapshot_at(service, url_after(request, before), timestamp)


def _lost(request: Request, service: Service, lost: OutOfReach) -> HTMLResponse:
    """Describe what is wrong with a capture that can't be read, and the ways out."""
    found = service.index.closest(lost.url, lost.at)
    nearest = (
        None if found is None or found.damaged else describe_captures.capture_shape(found, stamp_of(service, found))
    )
    return page(request, "snapshot-lost.html", status=502, lost=lost, nearest=nearest)


def _stage(request: Request) -> Stage | None:
    stage: Stage | None = request.app.state.stage
    return stage


def _admitted(request: Request) -> str:
    stage = _stage(request)
    return stage.rooms.admitted() if stage else ""


def _scenes(request: Request) -> Scenes | None:
    stage = _stage(request)
    return stage.scenes_for(home_of(request)) if stage else None


def _facts(service: Service, request: Request, found: Snapshot, current: str) -> dict[str, Any]:
    shape = describe_captures.snapshot_shape(service, found)
    title = shape.text.title if shape.text else None
    tail = shape.links.page.removeprefix("/snapshot/")
    work = work_of(found, public_home(request, service.settings) + shape.links.page)
    return {
        "snapshot": shape,
        "title": title or shape.url,
        "tail": tail,
        "current": current,
        "has_posts": "thread" in ((found.text.fields if found.text else None) or {}),
        "posts_only": is_its_posts(found.text),
        "acts": _scenes(request) is not None and shape.url.startswith(("http://", "https://")),
        "rendered": rendered(service.index, found.capture),
        "permanent": work.permanent,
        "citation_meta": list(meta(work)),
        "coins": coins(work),
        "json_ld": Markup(json_ld(work)),  # noqa: S704 (it has no `<`)
        "copies": None,
        "note": note_of(service, found.capture.record_id),
        "note_limits": (MOST_TAGS, LONGEST_NOTE),
        "frame": None,
    }


def _screenshot(service: Service, request: Request, picture: Capture | None) -> dict[str, Any]:
    """Return the address at which a frame finds the picture. Raises Refused where there is none."""
    if picture is None:
        raise Refused(404, "this capture has no screenshot")
    stage, home = _stage(request), home_of(request)
    if stage is None:
        return {}
    address = stage.address(home, picture.url, stamp_of(service, picture), language=language_of(request))
    return {"frame": address, "frames": stage.origin_for(home)}


def _leads(service: Service, found: Snapshot) -> str | None:
    """Return the page about the target of an archived redirect, which its frame shows."""
    target = redirect_of(service, found, found.capture.at, None)
    return describe_captures.page_link(target, timestamp14(found.capture.at)) if target else None


def _copies(service: Service, found: Snapshot) -> dict[str, Any]:
    """Return where else the text was published."""
    if found.text is None:
        return {"copies": None}
    return {"copies": copies_shape(service.archive.copies_of(found.text, found.capture.url, limit=_COPIES))}


def _more(service: Service, view: View, request: Request, found: Snapshot) -> dict[str, Any]:
    """Return what a view shows besides the snapshot itself."""
    match view:
        case "screenshot":
            return {}
        case "text":
            return {"why_no_text": found.why_no_text}
        case "headers":
            return {"head": _readable(found.head), "request_head": _readable(found.request_head)}
        case "record":
            return {
                "capture": describe_captures.capture_shape(found.capture, stamp_of(service, found.capture)),
                "original": describe_captures.capture_shape(found.original, stamp_of(service, found.original)),
                "known_source": found.capture.source in service.sources.good,
                "known_run": _is_in_ledger(service, found.capture.run),
                "info": page_info(service.archive, rendered(service.index, found.capture).info),
            }
        case "cite":
            here = describe_captures.page_link(found.capture.url, stamp_of(service, found.capture))
            work = work_of(found, public_home(request, service.settings) + here)
            short = public_home(request, service.settings) + short_path(found.capture)
            why = found.why_no_text if found.text is None else None
            return {"citations": [(style, style.write(work)) for style in STYLES], "short": short, "why_no_text": why}


def _is_in_ledger(service: Service, run: str) -> bool:
    """Return whether the ledger knows a run: imported captures, or ones older than the database, name unknown runs."""
    try:
        service.runs.get(run)
    except UnknownRun:
        return False
    return True


def _readable(head: bytes) -> str:
    return head.decode("latin-1").strip()
