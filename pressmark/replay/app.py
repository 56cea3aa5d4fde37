"""What listens at the origin of replay: captures by address, inert, for those whom our own pages gave a grant.

No cookie is ever read or set here. Nothing changes by a request, and nothing leads out: a link goes to the nearest
capture of what it names, or to a page that says that there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from archive.errors import ArchiveError, CaptureNotFound
from archive.snapshot import Snapshot
from archive.timestamps import parse_timestamp
from extractor.urls import resolve
from pressmark.api.target import target
from pressmark.links import link
from pressmark.replay.addresses import Modifier
from pressmark.replay.grants import Grant, Grants
from pressmark.replay.policy import headers
from pressmark.replay.rewrite import rewrite
from pressmark.replay.stage import addresses_under, path
from pressmark.retrieval.raw import told
from pressmark.retrieval.view import Place, memento_headers
from pressmark.service import Service

_ADDRESS = re.compile(r"(\d{1,14})(mp_|if_|cs_|im_|js_|oe_)")
_BEFORE = 2
"""Segments of the path before the URL: grant, timestamp and modifier."""


def create_replay(service: Service, grants: Grants) -> Starlette:
    """The application of the replay origin."""
    app = Starlette(routes=[Route("/{grant}/{at}/{url:path}", _show, methods=["GET", "HEAD"])])
    app.state.service = service
    app.state.grants = grants
    app.add_exception_handler(404, _nothing)
    return app


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the replay origin says."""

    grant: str
    timestamp: str
    wanted: Modifier
    url: str

    @property
    def at(self) -> datetime:
        """Raises ValueError."""
        return parse_timestamp(self.timestamp, end=True)


async def _show(request: Request) -> Response:
    written, place = request.path_params["grant"], _ADDRESS.fullmatch(request.path_params["at"])
    grant: Grant | None = request.app.state.grants.read(written)
    if grant is None or place is None:
        return _message(403, "This address is no longer good", "Load the page around this frame again.")
    url = target(request.scope["raw_path"].partition(b"?")[0], request.scope["query_string"], _BEFORE)
    if request.headers.get("sec-fetch-dest") == "document":
        # Outside of our frame, no bar would tell whose page this is not.
        outside = headers(None, in_a_page=False)
        return RedirectResponse(f"{grant.home}/snapshot/{place[1]}/{link(url)}", 303, headers=outside)
    if "service-worker" in request.headers:
        return _message(403, "No service worker", "What is kept here does not run.")
    asked = Asked(written, place[1], cast(Modifier, place[2]), url)
    return await run_in_threadpool(_capture, request.app.state.service, grant, asked)


def _capture(service: Service, grant: Grant, asked: Asked) -> Response:
    place = Place(grant.home, grant.place)
    try:
        with service.archive.snapshot(asked.url, asked.at, place.collection) as found:
            answer = _answer(service, found, asked, place)
    except (CaptureNotFound, ValueError):
        return _message(404, "Not archived", f"Nothing is kept of {asked.url}.")
    except ArchiveError as error:
        return _message(502, "It can't be read now", str(error))
    answer.headers.update(memento_headers(found, place) | headers(grant.home, in_a_page=asked.wanted != "mp_"))
    answer.raw_headers.extend(told(found))
    if asked.wanted == "js_":
        # For programs only: no page gets it, ours or another's.
        answer.headers.update({"Content-Disposition": "attachment", "Cross-Origin-Resource-Policy": "same-origin"})
    if answer.headers.get("content-type", "").startswith(("font/", "application/")):
        # Fonts are asked for in the name of the page, which has no origin.
        answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _answer(service: Service, found: Snapshot, asked: Asked, place: Place) -> Response:
    status = found.status or 200
    if 300 <= status < 400 and (leads := _redirect(service, found, asked.at, place)):
        return RedirectResponse(path(asked.grant, asked.timestamp, asked.wanted, leads), 302)
    shown = rewrite(found, asked.wanted, addresses_under(asked.grant, asked.timestamp, asked.wanted))
    if shown is None:
        kind = found.content_type or "octets"
        return _page(status, "Not shown here", f"This is {kind}: the page around this frame has it for download.")
    return Response(shown.body, status if status >= 200 else 200, media_type=shown.content_type)


def _redirect(service: Service, found: Snapshot, at: datetime, place: Place) -> str | None:
    """Where an archived redirect leads; None when that is itself, as with one to another spelling of its URL."""
    location = next((value for name, value in found.headers if name.lower() == "location"), "")
    leads = resolve(location, found.capture.url)
    if leads is None:
        return None
    following = service.index.closest(leads, at, place.collection)
    return None if following and following.record_id == found.capture.record_id else leads


async def _nothing(*_: object) -> Response:
    return _message(404, "Nothing is here", "Archived pages are shown in the frame of a snapshot's page.")


def _message(status: int, title: str, sentence: str) -> Response:
    answer = _page(status, title, sentence)
    answer.headers.update(headers(None, in_a_page=True))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(status: int, title: str, sentence: str) -> HTMLResponse:
    """A page of our own inside the frame; without a Memento-Datetime, for it is none."""
    style = "font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem"
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="{style}"><h1>{escape(title)}</h1><p style="overflow-wrap: anywhere">{escape(sentence)}</p>'
        "</body></html>",
        status,
    )
