"""Undo an action on several sources: the page with its results has a form that says what was before.

Only what is still as the action left it is changed back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, get_args

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from config.errors import ConfigError, Problem
from config.source import Source
from config.source_files.parse import parse_sources
from pressmark.http.callers import caller_name, check_may_change, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.service.service import Service
from pressmark.service.source_editing import add_source, changed, edit_source
from pressmark.web.forms import form_lists
from pressmark.web.many.results import Act, Acted, Back, all_done, answer

router = Part(include_in_schema=False)

_MOST, _LONGEST = 200, 2 << 20
"""Actions of one form, and its bytes: it has the text of each removed source."""
Setting = Literal["collection", "tags", "timetable"]
Key = Literal["run", "paused", "removed", "collection", "tags", "timetable"]
_SETTINGS: tuple[str, ...] = get_args(Setting)
_CANCELLED = "somebody cancelled the run on its page"


def read(text: str) -> Back:
    """Return what `Back.written` returned. Raises Refused for anything else."""
    try:
        found = json.loads(text)
        back = Back(**found) if isinstance(found, dict) else None
        json.dumps(found, ensure_ascii=False).encode()  # raises for a lone surrogate
    except (ValueError, TypeError, RecursionError):
        back = None
    if back is None or not isinstance(back.source, str) or back.key not in get_args(Key):
        raise Refused(422, "invalid form")
    return back


@router.post("/sources/cancel")
async def cancel(request: Request, service: Desk) -> HTMLResponse:
    """Cancel the runs that an action requested."""
    return await _undo(request, service, {"run"})


@router.post("/sources/undo")
async def undo(request: Request, service: Desk) -> HTMLResponse:
    """Undo any other action."""
    return await _undo(request, service, {"paused", "removed", *_SETTINGS})


async def _undo(request: Request, service: Service, keys: set[str]) -> HTMLResponse:
    sent = await form_lists(request, _LONGEST, fields=_MOST + 10)
    backs = {back.source: back for back in map(read, sent.get("back", ()))}
    if not backs or len(backs) > _MOST or any(back.key not in keys for back in backs.values()):
        raise Refused(422, "invalid form")
    done = await in_thread(lambda: all_done(service, list(backs), _act(backs), request.url.path))
    good = [one.name for one in done if one.why is None]
    note(request, target=", ".join(good), after={name: [backs[name].key, _told(backs[name])] for name in good})
    return await run_in_threadpool(answer, request, done, undone=True)


def _told(back: Back) -> Any:
    """Return what the audit trail says was restored. The text of a source may be long, and may have secrets."""
    return back.before if back.key in _SETTINGS else back.key


def _act(backs: Mapping[str, Back]) -> Act:
    def act(service: Service, name: str) -> Acted:
        back = backs[name]
        match back.key:
            case "run":
                return _cancel(service, back)
            case "paused":
                return _paused(service, back)
            case "removed":
                return _removed(service, back)
            case key:
                return _setting(service, back, key)

    return act


def _cancel(service: Service, back: Back) -> Acted:
    run = service.runs.get(str(back.now))
    if run.source != back.source:
        raise Refused(422, "invalid form")
    service.runs.cancel(run.id, _CANCELLED)
    return Acted(f"/runs/{run.id}")


def _paused(service: Service, back: Back) -> Acted:
    """Resume a source that is paused since the same moment, or pause one that is not paused."""
    pause = service.pauses.all().get(service.sources.get(back.source).name)
    if (pause.since.isoformat() if pause else None) != back.now:
        raise _changed_since()
    if pause:
        service.pauses.resume(back.source)
    else:
        service.pauses.pause(back.source, _reason(back))
    return Acted()


def _removed(service: Service, back: Back) -> Acted:
    """Add a source again. One that was paused is paused before it is there: nothing crawls it in between."""
    text = back.before.get("text") if isinstance(back.before, dict) else None
    if not isinstance(text, str) or [one.name for one in parse_sources(text)] != [back.source]:
        raise Refused(422, "invalid form")
    paused = bool(back.before.get("paused")) and service.pauses.pause(back.source, _reason(back))
    try:
        add_source(service, text, caller_name(), with_secrets=may_keep_secrets())
    except Exception:
        if paused:
            service.pauses.resume(back.source)
        raise
    return Acted()


def _changed_since() -> ConfigError:
    told = "the source was changed since, so this is not undone"
    return ConfigError(Problem(told, suggestion="change it on its page"))


def _reason(back: Back) -> str | None:
    reason = back.before.get("reason") if isinstance(back.before, dict) else None
    return reason if isinstance(reason, str) else None


def _setting(service: Service, back: Back, key: str) -> Acted:
    check_may_change(service, back.source)

    def change(source: Source) -> Source:
        if setting_of(source, key) != back.now:
            raise _changed_since()
        return with_setting(source, key, back.before)

    edit_source(service, back.source, change, caller_name(), with_secrets=may_keep_secrets())
    return Acted()


def setting_of(source: Source, key: str) -> Any:
    """Return a setting of a source as JSON has it."""
    data = source.model_dump(mode="json", by_alias=True)
    return data["keep"]["collection"] if key == "collection" else data[key]


def with_setting(source: Source, key: str, value: Any) -> Source:
    """Return a source with another value of a setting. Raises ConfigError."""

    def change(data: dict[str, Any]) -> dict[str, Any]:
        return data | ({"keep": data["keep"] | {"collection": value}} if key == "collection" else {key: value})

    return changed(change, source)
