"""Change, duplicate and remove a source: its file as text, with fields, its next times, and a test of its scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from archive.index.change_rows import ChangeFeed
from archive.values.errors import ArchiveError
from archive.values.timestamps import NEWEST
from config.errors import ConfigError
from config.source import WALKS, Source
from config.source_files.parse import parse_sources
from crawler.policy.scope import Scope
from extractor.links.links import hrefs
from extractor.values.urls import normalise
from pressmark.http.callers import caller_name, check_may_change, check_may_read, may_keep_secrets, may_read
from pressmark.http.dependencies import Desk, Part
from pressmark.http.errors import status_of
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.service.source_editing import (
    change_source,
    check_text,
    copy_text,
    former_text,
    remove_source,
    source_text,
)
from pressmark.web.add import times_of
from pressmark.web.forms import form
from pressmark.web.source_fields import RHYTHMS, digests_of, fields_of, with_changed_fields, with_fields

router = Part(include_in_schema=False)

_NEXT, _TESTED, _SAMPLE = 10, 100, 12


class Tested(NamedTuple):
    """What the scope of a source says of a URL."""

    url: str
    kept: bool
    why: str


@router.get("/sources/{name}/edit")
def edit(request: Request, name: str, service: Desk, *, former: bool = False) -> HTMLResponse:
    """Show the file of a source as a form; with `former`, its text before the last change here."""
    now = source_text(service, name)
    text = (former_text(service, name) if former else None) or now.text
    check_may_read(now.text, text)
    urls = "\n".join(_real_urls(service, service.sources.get(name)))
    return _form(request, service, name, {"text": text, "seen": now.digest, "urls": urls})


@router.post("/sources/{name}/preview")
async def preview(request: Request, name: str, service: Desk) -> Response:
    """Show what a text means: when the source would run, and which URLs it would archive. Nothing is written."""
    sent = await _sent(request)
    await in_thread(partial(check_may_change, service, name))
    try:
        text = await in_thread(partial(with_changed_fields, sent["text"], name, sent))
    except ConfigError as error:
        return await run_in_threadpool(_form, request, service, name, sent, refused=error, typed=sent)
    return await run_in_threadpool(_form, request, service, name, sent | {"text": text})


@router.post("/sources/{name}/fields")
async def fields(request: Request, name: str, service: Desk) -> Response:
    """Show the text with the fields of the form written into it. Nothing is written to the file."""
    sent = await _sent(request)
    await in_thread(partial(check_may_change, service, name))
    try:
        text = await in_thread(partial(with_fields, sent["text"], name, sent))
    except ConfigError as error:
        return await run_in_threadpool(_form, request, service, name, sent, refused=error, typed=sent)
    return await run_in_threadpool(_form, request, service, name, sent | {"text": text})


@router.post("/sources/{name}/edit")
async def save(request: Request, name: str, service: Desk) -> Response:
    """Write the file."""
    sent = await _sent(request)
    try:
        await in_thread(partial(check_may_change, service, name))
        text = await in_thread(partial(with_changed_fields, sent["text"], name, sent))
        before = service.facts_of(name)
        change = partial(change_source, with_secrets=may_keep_secrets())
        await in_thread(partial(change, service, name, text, sent["seen"], caller_name()))
        note(request, target=name, before=before, after=service.facts_of(name))
    except ConfigError as error:
        return await run_in_threadpool(_form, request, service, name, sent, refused=error, typed=sent)
    return RedirectResponse(f"/sources/{name}", 303)


@router.get("/sources/{name}/duplicate")
def duplicate(request: Request, name: str, service: Desk) -> HTMLResponse:
    """Show the file of a copy of a source, to be edited and saved."""
    text = copy_text(service, name)
    check_may_read(text)
    return _proposal(request, service, text)


@router.get("/sources/{name}/remove")
def ask_to_remove(request: Request, name: str, service: Desk) -> HTMLResponse:
    """Ask whether a source is to be removed."""
    shared = [other for other in source_text(service, name).names if other != name]
    return page(request, "source-remove.html", name=name, file=str(service.sources.file_of(name)), shared=shared)


@router.post("/sources/{name}/remove")
def remove(request: Request, name: str, service: Desk) -> HTMLResponse:
    """Remove a source, and show its text, so that it can be added again."""
    facts = service.facts_of(name)
    text = copy_text(service, name, name)
    note(request, target=name, before=facts)
    remove_source(service, name, caller_name())
    if not may_read(text):
        return page(request, "source-removed.html", name=name)
    return _proposal(request, service, text, removed=name)


def _proposal(request: Request, service: Service, text: str, removed: str | None = None) -> HTMLResponse:
    [source] = parse_sources(text)
    facts: dict[str, Any] = {"found": None, "trial": None, "text": text, "refused": None, "removed": removed}
    return page(request, "proposal.html", **facts, **times_of(source, service.settings.timezone, service.now()))


async def _sent(request: Request) -> dict[str, str]:
    sent = {"text": "", "seen": "", "urls": ""} | await form(request)
    return sent | {"text": sent["text"].replace("\r\n", "\n")}


def _form(
    request: Request,
    service: Service,
    name: str,
    sent: dict[str, str],
    *,
    refused: ConfigError | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:
    """Return the form with a text, and what that means; with `refused` or an invalid text, what is wrong with it.

    `typed` are the fields as a person filled them; by default, they are those of the text.
    """
    now = source_text(service, name)
    try:
        source = check_text(service, name, sent["text"], now)
    except ConfigError as error:
        source, refused = None, refused or error
    shown = fields_of(source or service.sources.get(name))
    facts: dict[str, Any] = {
        "name": name,
        "text": sent["text"],
        "seen": sent["seen"],
        "urls": sent["urls"],
        "others": [other for other in now.names if other != name],
        "was": typed["was"] if typed and typed.get("was") else digests_of(shown),
        "fields": shown if typed is None else shown | {key: typed[key] for key in shown if key in typed},
        "spider": not (source or service.sources.get(name)).seeds,
        "rhythms": RHYTHMS,
        "walks": WALKS,
        "former": former_text(service, name) not in (None, now.text),
        "refused": str(refused) if refused else None,
        "ticks": None,
        "tested": (),
        "zone": "UTC",
        "change": None,
    }
    if source is not None:
        facts |= times_of(source, service.settings.timezone, service.now(), _NEXT)
        facts["tested"] = list(islice(_tested(source, sent["urls"].splitlines(), service.now().date()), _TESTED))
    return page(
        request, "source-edit.html", status=status_of(refused) if refused else 200, scripts=("edit.js",), **facts
    )


def _tested(source: Source, urls: Iterable[str], today: date) -> Iterator[Tested]:
    """Yield whether each URL belongs to a source, and by which rule. A spider decides that itself; mail has none."""
    if not source.seeds:
        return
    scope = Scope(source, filter(None, map(normalise, source.urls_on(today))))
    for given in filter(None, map(str.strip, urls)):
        url = normalise(given if "://" in given else f"https://{given}") or given
        yield Tested(url, *scope.explain(url))


def _real_urls(service: Service, source: Source) -> list[str]:
    """Return URLs to test: the newest pages of the source, and links of its first seed as archived."""
    found = [piece.url for piece in ChangeFeed(service.database).pieces(source=source.name, limit=_SAMPLE).items]
    return list(dict.fromkeys([*source.seeds[:1], *found, *_links_of_seed(service, source)[:_SAMPLE]]))


def _links_of_seed(service: Service, source: Source) -> list[str]:
    if not source.seeds:
        return []
    try:
        with service.archive.snapshot(source.seeds[0], NEWEST) as found:
            is_page = (found.original.mime or "").startswith("text/html")
            return hrefs(found.payload().body, found.capture.url) if is_page else []
    except (ArchiveError, ValueError):
        return []
