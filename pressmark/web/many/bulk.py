"""Act on several sources at once: run, pause, resume and remove them, change their timetable, collection and tags.

Each action can be undone from the page with its results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import caller_name, check_may_change, may_keep_secrets, may_read
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.service.source_editing import copy_text, edit_source, remove_source
from pressmark.web.forms import form_lists
from pressmark.web.many.results import Act, Acted, Back, all_done, answer
from pressmark.web.many.undo import setting_of, with_setting
from pressmark.web.source_fields import RHYTHMS, tags_in, timetable_of

router = Part(include_in_schema=False)

_MOST = 200
"""Sources of one form: a page of them has a hundred."""
_QUEUED = 10


@router.post("/sources/run")
async def run(request: Request, service: Desk) -> HTMLResponse:
    return await _act(request, service, await _sent(request), _run)


@router.post("/sources/pause")
async def pause(request: Request, service: Desk) -> HTMLResponse:
    return await _act(request, service, await _sent(request), _pause)


@router.post("/sources/resume")
async def resume(request: Request, service: Desk) -> HTMLResponse:
    return await _act(request, service, await _sent(request), _resume)


@router.post("/sources/collection")
async def collect(request: Request, service: Desk) -> HTMLResponse:
    """Put sources into a collection: what they archive from now on belongs to it."""
    sent = await _sent(request)
    collection = _last(sent, "collection")
    if not collection:
        raise Refused(422, "give the name of a collection")
    return await _act(request, service, sent, _setting("collection", lambda _: collection))


@router.post("/sources/tags")
async def tag(request: Request, service: Desk) -> HTMLResponse:
    """Add tags to sources; those with a minus before them are removed."""
    sent = await _sent(request)
    tags = tags_in(_last(sent, "tags"))
    if not tags:
        raise Refused(422, "give at least one tag")
    removed = {one[1:].strip() for one in tags if one.startswith("-")}
    added = [one for one in tags if not one.startswith("-")]
    return await _act(
        request, service, sent, _setting("tags", lambda now: [one for one in now if one not in removed] + added)
    )


@router.post("/sources/timetable")
async def reschedule(request: Request, service: Desk) -> HTMLResponse:
    """Give sources another timetable; each keeps its time zone, unless it had none."""
    sent = await _sent(request)
    rhythm, when = _last(sent, "rhythm"), _last(sent, "when")
    if rhythm not in RHYTHMS:
        raise Refused(422, "choose a kind of timetable")

    def change(now: dict[str, Any] | None) -> dict[str, Any] | None:
        zone = (now or {}).get("timezone") or ""
        return timetable_of(now, {"rhythm": rhythm, "when": when, "timezone": zone})

    return await _act(request, service, sent, _setting("timetable", change))


@router.post("/sources/remove")
async def remove(request: Request, service: Desk) -> HTMLResponse:
    """Remove sources. What they archived stays. A form without the answer `sure` is asked first."""
    sent = await _sent(request)
    names = _names(sent)
    if _last(sent, "sure") != "yes":
        known = await in_thread(lambda: [service.sources.get(name).name for name in names])
        return await run_in_threadpool(page, request, "sources-remove.html", names=known)
    facts = await in_thread(lambda: {name: service.facts_of(name) for name in names if name in service.sources.good})
    return await _act(request, service, sent, _remove, before=facts)


def _run(service: Service, name: str) -> Acted:
    waiting = {run.id for run in service.runs.list(source=name, status="queued", limit=_QUEUED)}
    run = service.request(name).id
    return Acted(f"/runs/{run}", None if run in waiting else Back(name, "run", run, None))


def _pause(service: Service, name: str) -> Acted:
    new = service.pauses.pause(service.sources.get(name).name)
    pause = service.pauses.all().get(name)
    return Acted(None, Back(name, "paused", pause.since.isoformat(), None) if new and pause else None)


def _resume(service: Service, name: str) -> Acted:
    pause = service.pauses.all().get(service.sources.get(name).name)
    gone = service.pauses.resume(name)
    return Acted(None, Back(name, "paused", None, {"reason": pause.reason}) if gone and pause else None)


def _remove(service: Service, name: str) -> Acted:
    text, pause = copy_text(service, name, name), service.pauses.all().get(name)
    remove_source(service, name, caller_name())
    before = {"text": text, "paused": pause is not None, "reason": pause.reason if pause else None}
    return Acted(None, Back(name, "removed", True, before) if may_read(text) else None, gone=True)


def _setting(key: str, change: Any) -> Act:
    """Return the act that changes a setting in the file of a source. `change` gets its present value."""

    def act(service: Service, name: str) -> Acted:
        check_may_change(service, name)
        values: list[Any] = []

        def changed(source: Any) -> Any:
            now = setting_of(source, key)
            after = with_setting(source, key, change(now))
            values.extend((now, setting_of(after, key)))
            return after

        done = edit_source(service, name, changed, caller_name(), with_secrets=may_keep_secrets())
        return Acted(None, Back(name, key, values[1], values[0]) if done else None)

    return act


async def _act(
    request: Request, service: Service, sent: Mapping[str, Sequence[str]], act: Act, before: Any = None
) -> HTMLResponse:
    names = _names(sent)
    done = await in_thread(lambda: all_done(service, names, act, request.url.path))
    good = [one.name for one in done if one.why is None]
    note(request, target=", ".join(good), before=before, after={key: list(values) for key, values in sent.items()})
    return await run_in_threadpool(answer, request, done)


def _names(sent: Mapping[str, Sequence[str]]) -> list[str]:
    names = list(dict.fromkeys(sent.get("source", ())))
    if not names:
        raise Refused(422, "select at least one source")
    if len(names) > _MOST:
        raise Refused(422, f"select at most {_MOST} sources")
    return names


async def _sent(request: Request) -> Mapping[str, Sequence[str]]:
    return await form_lists(request, fields=_MOST + 10)


def _last(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return sent.get(name, [""])[-1].strip()
