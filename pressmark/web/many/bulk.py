"""Act on several sources at once: run, pause and resume them, put them into a collection, and tag them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from archive.values.os_errors import is_refusal
from pressmark.http.callers import caller_name, check_may_change, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.errors import explained
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.service.source_editing import changed, edit_source
from pressmark.web.forms import form_lists
from pressmark.web.source_fields import tags_in

router = Part(include_in_schema=False)

_MOST = 200
"""Sources of one form: a page of them has a hundred."""
Act = Callable[[Service, str], str | None]
"""Acts on a source, and returns the path of what that made."""


class Done(NamedTuple):
    """The result of an action on a source."""

    name: str
    path: str | None = None
    why: str | None = None
    """Why it failed."""


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
    return await _edit(request, service, sent, lambda data: data | {"keep": data["keep"] | {"collection": collection}})


@router.post("/sources/tags")
async def tag(request: Request, service: Desk) -> HTMLResponse:
    """Add tags to sources; those with a minus before them are removed."""
    sent = await _sent(request)
    tags = tags_in(_last(sent, "tags"))
    if not tags:
        raise Refused(422, "give at least one tag")
    removed = {one[1:].strip() for one in tags if one.startswith("-")}
    added = [one for one in tags if not one.startswith("-")]
    return await _edit(
        request,
        service,
        sent,
        lambda data: data | {"tags": [one for one in data["tags"] if one not in removed] + added},
    )


def _run(service: Service, name: str) -> str | None:
    return f"/runs/{service.request(name).id}"


def _pause(service: Service, name: str) -> str | None:
    service.pauses.pause(service.sources.get(name).name)
    return None


def _resume(service: Service, name: str) -> str | None:
    service.pauses.resume(service.sources.get(name).name)
    return None


async def _edit(
    request: Request, service: Service, sent: Mapping[str, Sequence[str]], change: Callable[[dict[str, Any]], Any]
) -> HTMLResponse:
    """Change the files of sources, and show the result of each."""

    def edit(service: Service, name: str) -> None:
        check_may_change(service, name)
        edit_source(service, name, partial(changed, change), caller_name(), with_secrets=may_keep_secrets())

    return await _act(request, service, sent, edit)


async def _act(request: Request, service: Service, sent: Mapping[str, Sequence[str]], act: Act) -> HTMLResponse:
    names = list(dict.fromkeys(sent.get("source", ())))
    if not names:
        raise Refused(422, "select at least one source")
    if len(names) > _MOST:
        raise Refused(422, f"select at most {_MOST} sources")
    done = await in_thread(lambda: all_done(service, names, act, request.url.path))
    good = [one.name for one in done if one.why is None]
    note(request, target=", ".join(good), after={key: list(values) for key, values in sent.items()})
    status = 200 if good else 422
    return await run_in_threadpool(page, request, "sources-done.html", status=status, done=done, count=len(good))


def all_done(service: Service, names: Sequence[str], act: Act, path: str) -> list[Done]:
    """Act on sources. Whatever goes wrong is the result of its source: those of the others are shown.

    Once the disk or the database accepts nothing, that is the result of the rest, too: each attempt may wait a minute.
    """
    done: list[Done] = []
    refused: str | None = None
    for name in names:
        if refused is not None:
            done.append(Done(name, None, refused))
            continue
        try:
            done.append(Done(name, act(service, name)))
        except Exception as error:
            why = explained(error, path)[1]
            refused = why if is_refusal(error) else None
            done.append(Done(name, None, why))
    return done


async def _sent(request: Request) -> Mapping[str, Sequence[str]]:
    return await form_lists(request, fields=_MOST + 10)


def _last(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return sent.get(name, [""])[-1].strip()
