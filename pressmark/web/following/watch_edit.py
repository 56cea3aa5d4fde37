"""Add, change, try, pause and remove watches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError, Problem
from config.files.document import Document
from config.files.explain import explain
from config.groups.watches import Watch
from config.names import check_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.notify.assistant.trial import NoAssistant
from pressmark.notify.watches.watch_shapes import UnknownWatch, found_by, watches_of
from pressmark.service.service import Service
from pressmark.web.forms import form
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_subscriptions import WatchSubscriptions

router = Part(include_in_schema=False)

_TRIED = 100
_LINES = ("phrases", "only", "without", "authors")
_LISTS = ("sources", "languages")
_MACHINE = ("summary", "translation")
_EMPTY = dict.fromkeys(("name", "seen", "was", "paused", *_LINES, *_LISTS, *_MACHINE), "")
_CHANGED = "another person changed the watch at the same time; open its page again"
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
    now = _of_pages(service, name)
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
        name = _name_of(sent)
        watch = PageWatch(_watch_of(service, sent), sent["paused"] == _PAUSED)
        if name in watches_of(service) or not PageWatches(service.database).add(name, watch):
            raise ConfigError(Problem(f"a watch named {name!r} already exists", suggestion="choose another name"))
        note(request, target=name, after=watch.watch.model_dump(mode="json"))

    return await _answered(request, sent, write)


@router.post("/watches/{name}/edit")
async def save(request: Request, name: str, service: Desk) -> Response:
    """Change a watch, unless another person has changed it since the form was shown."""
    sent = await _sent(request) | {"name": name, "was": name}

    def write() -> None:
        before = _of_pages(service, name)
        watch = PageWatch(_watch_of(service, sent), before.paused)
        is_same = sent["seen"] == before.digest
        if not is_same or (watch != before and not PageWatches(service.database).save(name, watch, before)):
            told = "the watch was changed while you edited it, so your changes are not saved"
            raise ConfigError(Problem(told, suggestion="open the page again and repeat them"))
        note(
            request, target=name, before=before.watch.model_dump(mode="json"), after=watch.watch.model_dump(mode="json")
        )

    return await _answered(request, sent, write)


@router.post("/watches/{name}/{action}")
def act(request: Request, name: str, action: str, service: Desk) -> Response:
    """Pause, resume or remove a watch."""
    own = PageWatches(service.database)
    if action == "remove" and own.remove_unreadable(name):
        WatchSubscriptions(service.database).remove_of_watch(name)
        note(request, target=name)
        return RedirectResponse("/watches", 303)
    before = _of_pages(service, name)
    note(request, target=name, before=before.watch.model_dump(mode="json"))
    if action == "remove":
        if not own.remove(name, before):
            raise Refused(409, _CHANGED)
        WatchSubscriptions(service.database).remove_of_watch(name)
        fields = _fields_of(name, before.watch, "") | {"was": "", "paused": _PAUSED if before.paused else ""}
        return _form(request, fields, removed=name)
    if action not in ("pause", "resume"):
        raise Refused(404, f"unknown action {action!r}")
    paused = action == "pause"
    note(request, after={"paused": paused})
    if paused != before.paused and not own.save(name, PageWatch(before.watch, paused), before):
        raise Refused(409, _CHANGED)
    return RedirectResponse(f"/watches/{name}", 303)


def _of_pages(service: Service, name: str) -> PageWatch:
    """Return a watch of the pages. Raises UnknownWatch, Refused for one of the settings."""
    if name in service.webhooks.settings().watches:
        raise Refused(422, f"the watch {name} is in the settings file; change it there")
    if (found := PageWatches(service.database).get(name)) is None:
        raise UnknownWatch(name)
    return found


async def _sent(request: Request) -> Fields:
    sent = _EMPTY | await form(request)
    return {name: sent[name].replace("\r\n", "\n").strip() for name in _EMPTY}


def _name_of(sent: Mapping[str, str]) -> str:
    try:
        return check_name(sent["name"])
    except ValueError as error:
        raise ConfigError(Problem(str(error))) from None


def _watch_of(service: Service, sent: Mapping[str, str]) -> Watch:
    """Return the watch of a form. Raises ConfigError."""
    facts: dict[str, Any] = {
        **{name: [line for each in sent[name].split("\n") if (line := each.strip())] for name in _LINES},
        **{name: [part for part in re.split(r"[\s,，、]+", sent[name]) if part] for name in _LISTS},
        "summary": sent["summary"] == _YES,
        "translation": sent["translation"] or None,
    }
    _check_assistant(service, facts)
    if not facts["phrases"]:
        raise ConfigError(Problem("give at least one phrase"))
    service.sources.poll()
    if unknown := [name for name in facts["sources"] if name not in service.sources.good]:
        raise ConfigError(Problem(f"no source named {unknown[0]!r}"))
    try:
        return Watch.model_validate(facts)
    except ValidationError as error:
        raise ConfigError(*explain(error, Watch, Document(facts, None), ())) from None


def _check_assistant(service: Service, facts: Mapping[str, Any]) -> None:
    """Raise ConfigError for texts that no language model of the settings writes."""
    settings, language = service.settings.assistant, facts["translation"]
    if settings.url is None and (facts["summary"] or language):
        raise ConfigError(Problem(str(NoAssistant())))
    if language and language not in settings.languages:
        offered = ", ".join(settings.languages)
        told = f"unknown language {language[:80]!r}: the settings (assistant.languages) offer {offered}"
        raise ConfigError(Problem(told))


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
