"""The server at the host of a scene: a page that installs our service worker, and the content that this requests.

All archived content is under our own paths (`scenes.INSIDE`), which only the worker and frames of other origins
request. Any other path belongs to the archived origin, and never reaches us while the worker is there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from archive.retrieval.answers import SentRequest
from archive.retrieval.snapshot import Snapshot
from archive.values.errors import ArchiveError, CaptureNotFound
from archive.values.timestamps import parse_timestamp
from pressmark.http.catalog import translator
from pressmark.http.place import Place, memento_headers
from pressmark.http.stage.addresses import TIME_AND_VIEW, Modifier
from pressmark.http.stage.scenes import BAR, INSIDE, Scene, Scenes, addresses_in, origin_of
from pressmark.http.stage.stage import addresses_under, path
from pressmark.http.target import target
from pressmark.http.words import N_
from pressmark.replay import policy
from pressmark.replay.answers import expired, message, no_capture, own_page, spoken, unreadable
from pressmark.replay.frame_report import framed, report_attributes, script
from pressmark.replay.readers import reading_as
from pressmark.replay.request_body import METHODS, archived_response, sent_by
from pressmark.replay.rewrite import SCRIPT, Rewritten, act, rewrite
from pressmark.replay.scene_page import scene_page, static_file
from pressmark.service.service import Service
from pressmark.views.links import link
from pressmark.views.redirects import redirect_of

_SCRIPTS = {file.stem: file.read_text("utf-8") for file in (Path(__file__).parent / "static").glob("*.js")}
_BEFORE = 4
"""Segments of the path before the URL: the prefix of our paths, `at`, grant, timestamp and modifier."""
_PAGES = frozenset({"mp_", "if_"})
_FAILED = N_(
    "Your browser blocks the feature (service worker) that Pressmark needs to run archived scripts safely, "
    "so the scripts of this page don't run. To see the page, open “Without scripts”."
)


def create_scenes(service: Service, scenes: Scenes) -> Starlette:
    """The application of all scenes."""
    app = Starlette(
        routes=[
            Route(f"{INSIDE}/{BAR}/{{grant}}", _bar),
            Route(f"{INSIDE}/scene.js", static_file),
            Route(f"{INSIDE}/icon.svg", static_file),
            Route(f"{INSIDE}/start/{{grant}}", _start),
            Route(f"{INSIDE}/worker.js", _worker),
            Route(f"{INSIDE}/{{name}}.js", _script),
            Route(f"{INSIDE}/at/{{grant}}/{{at}}/{{url:path}}", _show, methods=["GET", *METHODS]),
        ]
    )
    app.state.service = service
    app.state.scenes = scenes
    app.add_exception_handler(404, _nothing)
    return app


async def _bar(request: Request) -> Response:
    """Return the page around a scene. Archived content is never served at its origin, and it knows no login."""
    written, scenes = request.path_params["grant"], request.app.state.scenes
    scene = scenes.read(written, request.headers.get("host", ""), bar=True)
    if scene is None:
        return expired(request)
    return await run_in_threadpool(_around, request, scene)


def _around(request: Request, scene: Scene) -> Response:
    with reading_as(request.app.state.service, scene.admitted):
        return scene_page(request, scene, scene.origin + _to(request))


def _to(request: Request) -> str:
    """Return the requested page of the archived origin: path and query."""
    to = request.query_params.get("to", "/")
    return to if to.startswith("/") else "/"


def _scene(request: Request, written: str) -> Scene | None:
    scenes: Scenes = request.app.state.scenes
    return scenes.read(written, request.headers.get("host", ""))


async def _start(request: Request) -> Response:
    """Return the first page in the frame. Outside the frame, redirect to the page with the bar."""
    written, to = request.path_params["grant"], _to(request)
    scene = _scene(request, written)
    if scene is None:
        return expired(request)
    if request.headers.get("sec-fetch-dest") == "document":
        return _outside(scene, scene.origin + to)
    return _passing(
        "start", request.app.state.scenes.bar, grant=written, to=to, failed=translator(scene.language)(_FAILED)
    )


def _passing(name: str, bar: str, **facts: str) -> Response:
    """Return a page of ours that leads on by a script: the policy of the page before it stops redirects."""
    attributes = {f"data-{key}": value for key, value in facts.items()}
    answer = HTMLResponse(
        '<!DOCTYPE html><html><meta charset="utf-8"><title>…</title><p id="told" role="status"></p>'
        f"{script(name, attributes)}</html>"
    )
    answer.headers.update(policy.start(bar))
    return answer


async def _worker(request: Request) -> Response:
    """Serve the one service worker of a scene. No other script that a page registers is served as one."""
    written = request.query_params.get("grant", "")
    scene = _scene(request, written)
    if scene is None:
        return expired(request)
    facts = {"grant": written, "origin": scene.origin, "timestamp": scene.timestamp, "home": scene.home}
    answer = Response(f"const SCENE = {json.dumps(facts)};\n{_SCRIPTS['worker']}", media_type=SCRIPT)
    answer.headers.update(policy.worker())
    return answer


async def _script(request: Request) -> Response:
    text = _SCRIPTS.get(request.path_params["name"])
    if text is None or "service-worker" in request.headers:
        sentence = N_(
            "Pressmark does not let archived pages install a service worker (a script that "
            "answers requests in place of the site)."
        )
        return message(spoken(request), 403, N_("Script not found"), sentence)
    answer = Response(text, media_type=SCRIPT)
    answer.headers.update(policy.headers(None, in_a_page=True))
    return answer


@dataclass(frozen=True, slots=True)
class _SceneRequest:
    written: str
    scene: Scene
    timestamp: str
    wanted: Modifier
    url: str

    @property
    def at(self) -> datetime:
        """Parse the address. Raises ValueError."""
        return parse_timestamp(self.timestamp, end=True)

    @property
    def is_of_scene(self) -> bool:
        return origin_of(self.url) == self.scene.origin


async def _show(request: Request) -> Response:
    written, place = request.path_params["grant"], TIME_AND_VIEW.fullmatch(request.path_params["at"])
    scene = _scene(request, written)
    if scene is None or place is None:
        return expired(request)
    url = target(request.scope["raw_path"].partition(b"?")[0], request.scope["query_string"], _BEFORE)
    if request.headers.get("sec-fetch-dest") == "document":
        return _outside(scene, url)
    if "service-worker" in request.headers:
        return message(
            spoken(request),
            403,
            N_("No service worker"),
            N_(
                "Pressmark does not let archived pages install a "
                "service worker (a script that answers requests in "
                "place of the site)."
            ),
        )
    asked = _SceneRequest(written, scene, place[1], cast(Modifier, place[2]), url)
    state = request.app.state
    if request.method in METHODS:
        return await run_in_threadpool(_replied, state.service, asked, await sent_by(request, url))
    if asked.wanted == "mp_" and not asked.is_of_scene:
        return _passing("go", state.scenes.bar, to=_elsewhere(state.scenes, asked))
    return await run_in_threadpool(_given, state.service, state.scenes, asked)


def _given(service: Service, scenes: Scenes, asked: _SceneRequest) -> Response:
    with reading_as(service, asked.scene.admitted):
        return _capture(service, scenes, asked)


def _replied(service: Service, asked: _SceneRequest, sent: SentRequest | None) -> Response:
    with reading_as(service, asked.scene.admitted):
        answer = archived_response(service, sent, asked.at, Place(asked.scene.home, asked.scene.place))
    answer.headers.update(_inert(asked))
    return answer


def _elsewhere(scenes: Scenes, asked: _SceneRequest) -> str:
    """Lead a link to another archived origin to its own scene."""
    here = asked.scene
    return scenes.address(replace(here, origin=origin_of(asked.url)), asked.url)


def _capture(service: Service, scenes: Scenes, asked: _SceneRequest) -> Response:
    place, language = Place(asked.scene.home, asked.scene.place), asked.scene.language
    is_page = asked.wanted == "mp_"
    tell = script("tell", report_attributes(scenes, asked.scene, asked.url, kept=False)) if is_page else ""
    try:
        with service.archive.snapshot(asked.url, asked.at, place.collection) as found:
            if leads := redirect_of(service, found, asked.at, place.collection):
                answer = _led(asked, leads, scenes.bar)
            else:
                answer = _shown(found, scenes, asked)
            answer.headers.update(memento_headers(found, place))
            return answer
    except (CaptureNotFound, ValueError):
        answer = no_capture(service.take_downs, language, asked.url, script=tell)
    except ArchiveError as error:
        answer = unreadable(language, str(error), script=tell)
    if is_page:
        answer.headers.update(policy.report_policy(scenes.bar))
    return answer


def _led(asked: _SceneRequest, leads: str, bar: str) -> Response:
    """Lead a page to its place in its scene, and a page's resource to where the worker finds it."""
    if asked.wanted in _PAGES:
        return _passing("go", bar, to=addresses_in(asked.scene)(leads, asked.wanted))
    where = path(_under(asked), asked.timestamp, asked.wanted, leads)
    return RedirectResponse(where, 302, headers=_inert(asked))


def _under(asked: _SceneRequest) -> str:
    return f"{INSIDE[1:]}/at/{asked.written}"


def _inert(asked: _SceneRequest) -> dict[str, str]:
    return policy.headers(asked.scene.home, in_a_page=True)


def _shown(found: Snapshot, scenes: Scenes, asked: _SceneRequest) -> Response:
    status = found.status if found.status and 200 <= found.status < 600 and found.status != 304 else 200
    attributes = report_attributes(scenes, asked.scene, found.capture.url)
    first = _first(found, asked.scene) | attributes
    acting = act(found, asked.wanted, addresses_in(asked.scene), first) if _acts(asked) else None
    if acting:
        return _answer(acting, status, policy.in_scene(scenes.bar))
    if asked.wanted == "mp_":
        around = HTMLResponse(framed(attributes, path(_under(asked), asked.timestamp, "if_", asked.url)), status)
        around.headers.update(policy.report_policy(scenes.bar))
        return around
    shown = rewrite(found, asked.wanted, addresses_under(_under(asked), asked.timestamp, asked.wanted))
    if shown is None:
        kind = found.content_type or "application/octet-stream"
        title, sentence = N_("Not shown here"), N_("This file is of the type %(kind)s.")
        answer: Response = own_page(asked.scene.language, status, title, sentence, kind=kind)
        answer.headers.update(_inert(asked))
        return answer
    return _answer(shown, status, _inert(asked))


def _acts(asked: _SceneRequest) -> bool:
    """Return whether scripts run.

    A page of another origin in a frame gets none: it would have the rights of this origin.
    """
    return asked.is_of_scene or asked.wanted not in _PAGES


def _answer(shown: Rewritten, status: int, headers: dict[str, str]) -> Response:
    answer = Response(shown.body, status, media_type=shown.content_type)
    answer.headers.update(headers)
    return answer


def _first(found: Snapshot, scene: Scene) -> dict[str, str]:
    """Return the attributes of the first script in a page."""
    kept = found.capture
    at = str(int(kept.at.timestamp() * 1000))
    return {"src": f"{INSIDE}/page.js", "data-origin": scene.origin, "data-url": kept.url, "data-at": at}


def _outside(scene: Scene, url: str) -> Response:
    headers = policy.headers(None, in_a_page=False)
    return RedirectResponse(f"{scene.home}/view/scripts/{scene.timestamp}/{link(url)}", 303, headers=headers)


async def _nothing(request: Request, _: Exception) -> Response:
    return message(
        spoken(request),
        404,
        N_("Nothing here"),
        N_("To see this content again, reload the whole page in your browser."),
    )
