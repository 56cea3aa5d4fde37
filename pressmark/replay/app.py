"""The server at the origin of replay: captures by address, inert, for readers with a grant from our own pages.

No cookie is ever read or set here. No request changes anything, and nothing leads out: a link goes to the nearest
capture of its target, or to a page that says that there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from archive.retrieval.snapshot import Snapshot
from archive.values.capture import Capture
from archive.values.errors import ArchiveError, CaptureNotFound
from archive.values.timestamps import parse_timestamp
from pressmark.http.hidden.crawlers import robots_txt
from pressmark.http.hidden.take_downs import TakeDownMiddleware
from pressmark.http.place import Place, memento_headers
from pressmark.http.raw_answer import archived_headers
from pressmark.http.stage.addresses import TIME_AND_VIEW, Modifier
from pressmark.http.stage.frames import Frames
from pressmark.http.stage.grants import Grant
from pressmark.http.stage.stage import Stage, addresses_under, path
from pressmark.http.target import target
from pressmark.http.words import N_
from pressmark.replay.answers import expired, message, no_capture, own_page, spoken, unreadable
from pressmark.replay.policy import headers
from pressmark.replay.readers import reading_as
from pressmark.replay.rewrite import rewrite
from pressmark.replay.scene_app import create_scenes
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at, stamp_of
from pressmark.views.describe_captures import page_link
from pressmark.views.links import link
from pressmark.views.redirects import redirect_of

_BEFORE = 2
"""Segments of the path before the URL: grant, timestamp and modifier."""


def create_replay(service: Service, stage: Stage) -> ASGIApp:
    """Create the application of the port of replay: pages without scripts and, on a scene's host, with them."""
    app: ASGIApp = _create_plain(service, stage)
    if stage.scenes:
        app = Hosts(app, create_scenes(service, stage.scenes), stage.scenes.owns)
    return TakeDownMiddleware(app, service.take_downs, asked=lambda scope: ("", ()))  # the pages below have a tombstone


class Hosts:
    """Chooses the application by the called host."""

    def __init__(self, plain: ASGIApp, scenes: ASGIApp, owns: Callable[[str], bool]) -> None:
        self._plain = plain
        self._scenes = scenes
        self._owns = owns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1") if scope["type"] == "http" else ""
        await (self._scenes if self._owns(host) else self._plain)(scope, receive, send)


def _create_plain(service: Service, stage: Stage) -> Starlette:
    shown = Route("/{grant}/{at}/{url:path}", _show, methods=["GET", "HEAD"])
    app = Starlette(routes=[Route("/robots.txt", _robots), shown])
    app.state.service = service
    app.state.grants = stage.grants
    app.state.shown = stage.shown
    app.add_exception_handler(404, _nothing)
    return app


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """The parts of an address of the replay origin."""

    grant: str
    stamp: str
    """What names the capture (`capture_choice.stamp`)."""
    wanted: Modifier
    url: str

    @property
    def timestamp(self) -> str:
        """References lead to the captures nearest to this."""
        return self.stamp.partition("~")[0]

    @property
    def at(self) -> datetime:
        """Parse the address. Raises ValueError."""
        return parse_timestamp(self.timestamp, end=True)


async def _show(request: Request) -> Response:
    written, place = request.path_params["grant"], TIME_AND_VIEW.fullmatch(request.path_params["at"])
    grant: Grant | None = request.app.state.grants.read(written)
    if grant is None or place is None:
        return expired(request)
    url = target(request.scope["raw_path"].partition(b"?")[0], request.scope["query_string"], _BEFORE)
    if request.headers.get("sec-fetch-dest") == "document":
        # Outside our frame, no bar would say that this page is archived.
        outside = headers(None, in_a_page=False)
        return RedirectResponse(f"{grant.home}/snapshot/{place[1]}/{link(url)}", 303, headers=outside)
    if "service-worker" in request.headers:
        return message(
            grant.language,
            403,
            N_("No service worker"),
            N_("Pressmark does not run the scripts of archived pages at this address."),
        )
    asked = ReplayRequest(written, place[1], cast(Modifier, place[2]), url)
    return await run_in_threadpool(_given, request.app.state.service, request.app.state.shown, grant, asked)


def _given(service: Service, shown: Frames, grant: Grant, asked: ReplayRequest) -> Response:
    """Note what a frame is given, and forbid caching: what is shown again is requested again.

    Only links and the frame's own address request a page (``mp_``), and no script can.
    """
    with reading_as(service, grant.admitted):
        answer, capture = _capture(service, grant, asked)
        page = page_link(capture.url, stamp_of(service, capture)) if capture else None
    if asked.wanted == "mp_" and grant.frame:
        answer.headers["Cache-Control"] = "no-store"
        if not isinstance(answer, RedirectResponse):
            shown.note(grant.frame, page)
    return answer


def _capture(service: Service, grant: Grant, asked: ReplayRequest) -> tuple[Response, Capture | None]:
    """Return an answer, and the capture that it shows or describes."""
    place = Place(grant.home, grant.place)
    try:
        with snapshot_at(service, asked.url, asked.stamp, place.collection) as found:
            answer = _answer(service, found, asked, place) or _not_shown(grant.language, found)
    except (CaptureNotFound, ValueError):
        return no_capture(service.take_downs, grant.language, asked.url), None
    except ArchiveError as error:
        return unreadable(grant.language, str(error)), None
    answer.headers.update(memento_headers(found, place) | headers(grant.home, in_a_page=asked.wanted != "mp_"))
    answer.raw_headers.extend(archived_headers(found))
    if asked.wanted == "js_":
        # For programs only: no page gets it, ours or another's.
        answer.headers.update({"Content-Disposition": "attachment", "Cross-Origin-Resource-Policy": "same-origin"})
    if answer.headers.get("content-type", "").startswith(("font/", "application/", "image/")):
        # Fonts and the images of masks are requested in the name of the page, which has no origin.
        answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer, found.capture


def _answer(service: Service, found: Snapshot, asked: ReplayRequest, place: Place) -> Response | None:
    """Return the answer; None for content that no browser shows inertly."""
    if leads := redirect_of(service, found, asked.at, place.collection):
        return RedirectResponse(path(asked.grant, asked.timestamp, asked.wanted, leads), 302)
    shown = rewrite(found, asked.wanted, addresses_under(asked.grant, asked.timestamp, asked.wanted))
    if shown is None:
        return None
    status = found.status or 200
    return Response(shown.body, status if status >= 200 else 200, media_type=shown.content_type)


def _not_shown(language: str, found: Snapshot) -> Response:
    sentence = N_("This file is of the type %(kind)s. To download it, use the bar above.")
    kind = found.content_type or "application/octet-stream"
    return own_page(language, found.status or 200, N_("Not shown here"), sentence, kind=kind)


async def _robots(_: Request) -> Response:
    return PlainTextResponse(robots_txt("nothing"))  # its addresses expire


async def _nothing(request: Request, _: Exception) -> Response:
    sentence = N_(
        "Pressmark shows archived pages only inside its own pages. To see an archived page, open its snapshot page."
    )
    return message(spoken(request), 404, N_("Nothing here"), sentence)
