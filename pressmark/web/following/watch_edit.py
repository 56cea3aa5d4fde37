"""Add, change, try, pause and remove watches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError, Problem
from config.groups.watches import Watch
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.notify.watches.watch_editing import (
    WatchChange,
    WatchChanged,
    add_watch,
    change_watch,
    pause_watch,
    remove_watch,
    watch_from,
    watch_of_pages,
)
from pressmark.notify.watches.watch_shapes import found_by
from pressmark.service.service import Service
from pressmark.web.forms import form
from scheduler.notices.page_watches import PageWatch, PageWatches

router = Part(include_in_schema=False)

_TRIED = 100
_LINES = ("phrases", "only", "without", "authors")
_LISTS = ("sources", "languages")
_MACHINE = ("summary", "translation")
_EMPTY = dict.fromkeys(("name", "seen", "was", "paused", *_LINES, *_LISTS, *_MACHINE), "")
_YES = "yes"
_PAUSED = _YES
"""In the form of a removed watch that was paused: adding it again leaves it paused."""
Fields = dict[str, str]


@router.get("/add/watch")
def show_form(request: Request) -> HTMLResponse:
    return _form(request, dict(_EMPTY))


@router.get("/watches/{name}/edit")
def edit(request: Request, name: str, service: Desk, *, former: bool = False) -> HTMLResponse:
    """Show a watch as a form; with `former`, as it was before its last change here."""
    now = watch_of_pages(service, name)
    before = PageWatches(service.database).former(name)
    shown = before if former and before is not None else now
    return _form(request, _fields_of(name, shown.watch, now.digest), has_former=before not in (None, now))


@router.post("/add/watch/try")
async def try_fields(request: Request, service: Desk) -> Response:
    """Show what a watch with these fields finds in the newest changes. Nothing is written."""
    sent = await _sent(request)

    def find() -> dict[str, Any]:
        watch = _watch_of(service, sent)
        return {"hits": found_by(service, sent["name"], watch, _TRIED)}

    return await _answered(request, sent, find)


@router.post("/add/watch")
async def add(request: Request, service: Desk) -> Response:
    """Add a watch. It finds what is archived from now on."""
    sent = await _sent(request)

    def write() -> None:
        watch = PageWatch(_watch_of(service, sent), sent["paused"] == _PAUSED)
        _note(request, sent["name"], add_watch(service, sent["name"], watch))

    return await _answered(request, sent, write)


@router.post("/watches/{name}/edit")
async def save(request: Request, name: str, service: Desk) -> Response:
    """Change a watch, unless another person has changed it since the form was shown."""
    sent = await _sent(request) | {"name": name, "was": name}

    def write() -> None:
        before = watch_of_pages(service, name)
        watch = PageWatch(_watch_of(service, sent, before.watch), before.paused)
        try:
            _note(request, name, change_watch(service, name, watch, sent["seen"]))
        except WatchChanged:
            told = "the watch was changed while you edited it, so your changes are not saved"
            raise ConfigError(Problem(told, suggestion="open the page again and repeat them")) from None

    return await _answered(request, sent, write)


@router.post("/watches/{name}/{action}")
def act(request: Request, name: str, action: str, service: Desk) -> Response:
    """Pause, resume or remove a watch."""
    if action == "remove":
        change, removed = remove_watch(service, name)
        _note(request, name, change)
        if removed is None:
            return RedirectResponse("/watches", 303)
        fields = _fields_of(name, removed.watch, "") | {"was": "", "paused": _PAUSED if removed.paused else ""}
        return _form(request, fields, removed=name)
    if action not in ("pause", "resume"):
        watch_of_pages(service, name)
        raise Refused(404, f"unknown action {action!r}")
    _note(request, name, pause_watch(service, name, paused=action == "pause"))
    return RedirectResponse(f"/watches/{name}", 303)


def _note(request: Request, name: str, change: WatchChange) -> None:
    note(request, target=name, before=change.before, after=change.after)


async def _sent(request: Request) -> Fields:
    sent = _EMPTY | await form(request)
    return {name: sent[name].replace("\r\n", "\n").strip() for name in _EMPTY}


def _watch_of(service: Service, sent: Mapping[str, str], before: Watch | None = None) -> Watch:
    """Return the watch of a form; its sources exist, or it had them `before`. Raises ConfigError."""
    facts: dict[str, Any] = {
        **{name: [line for each in sent[name].split("\n") if (line := each.strip())] for name in _LINES},
        **{name: [part for part in re.split(r"[\s,，、]+", sent[name]) if part] for name in _LISTS},
        "summary": sent["summary"] == _YES,
        "translation": sent["translation"] or None,
    }
    return watch_from(service, facts, before)


def _fields_of(name: str, watch: Watch, seen: str) -> Fields:
    facts = watch.model_dump(mode="json")
    return {
        **_EMPTY,
        "name": name,
        "was": name,
        "seen": seen,
        **{key: "\n".join(facts[key]) for key in _LINES},
        **{key: ", ".join(facts[key]) for key in _LISTS},
        "summary": _YES if watch.summary else "",
        "translation": watch.translation or "",
    }


async def _answered(request: Request, sent: Fields, work: Any) -> Response:
    """Return the form with the result of a trial, or with what is wrong; or lead to the page of a written watch."""
    try:
        found = await in_thread(work)
    except ConfigError as error:
        return await run_in_threadpool(partial(_form, request, sent, refused=str(error)))
    if found is None:
        return RedirectResponse(f"/watches/{sent['name']}", 303)
    return await run_in_threadpool(partial(_form, request, sent, **found))


def _form(request: Request, fields: Fields, **facts: Any) -> HTMLResponse:
    empty: dict[str, Any] = {"refused": None, "hits": None, "removed": None, "has_former": False, "tried": _TRIED}
    status = 422 if facts.get("refused") else 200
    assistant = request.app.state.service.settings.assistant
    empty["offered"] = assistant.languages if assistant.url else ()
    return page(request, "watch-edit.html", status=status, fields=fields, **{**empty, **facts})
