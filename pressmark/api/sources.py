"""/api/v1/sources: sources, their timetables, and runs requested by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel

from pressmark.api.new_source import NewSource, options_of
from pressmark.discover.draft import plain_text
from pressmark.discover.drafted_source import inspect_and_propose
from pressmark.discover.propose import Proposal, source_of
from pressmark.http.callers import caller_name, may_keep_secrets
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.in_thread import in_thread
from pressmark.http.problems import Refused
from pressmark.service import source_editing
from pressmark.service.idempotency import KeyReused
from pressmark.views import describe
from pressmark.views.run_shapes import RunShape
from pressmark.views.shapes import Listing, Shape
from pressmark.views.source_shapes import SourceShape

router = Part(prefix="/api/v1", tags=["sources"])


class Added(Shape):
    """A new source, and the first URLs of its first run."""

    name: str
    file: str | None
    """Null on a dry run."""
    text: str
    """The text of the file."""
    kept: str | None = None
    """Which part of the site is archived, and how to archive all of it; null for a source that was described."""
    forecast: str | None = None
    """How many pages a first run would fetch, and which."""
    already: Sequence[str] = ()
    """The sources that begin at the same URL."""
    first: Sequence[str] = ()
    forbidden: Sequence[str] = ()
    """URLs that robots.txt forbids."""


class PauseRequest(BaseModel):
    reason: str | None = None


@router.get("/sources")
def list_sources(
    service: Desk, cursor: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Listing[SourceShape]:
    """List the sources, by name."""
    shapes = describe.sources_after(service, cursor, limit + 1)
    following = shapes[limit - 1].name if len(shapes) > limit else None
    return Listing(items=shapes[:limit], next=following)


@router.get("/sources/{name}")
def show_source(name: str, service: Desk) -> SourceShape:
    """Show a source."""
    return describe.source_shape(service, name)


@router.post("/sources", status_code=201)
async def add_source(new: NewSource, service: Desk, request: Request, response: Response) -> Added:
    """Add a source (archived site). Pressmark writes its source file, which takes effect within seconds."""
    keys = new.keys()
    if new.url is None:
        text, foreseen = await in_thread(partial(_text_of, keys)), dict[str, Any]()
    else:
        wish = options_of(keys)
        settings, known = service.settings, service.sources.good
        found = await inspect_and_propose(
            new.url, wish, settings=settings, known=known, now=service.now, figures=service.figures
        )
        text, foreseen = found.text, {"already": list(found.already), **_foreseen(found.proposal)}
    if new.dry_run:
        response.status_code = 200
        source = await in_thread(partial(source_editing.check_new, service, text, with_secrets=may_keep_secrets()))
        return Added(name=source.name, file=None, text=text, **foreseen)
    add = partial(source_editing.add_source, with_secrets=may_keep_secrets())
    source = await in_thread(partial(add, service, text, caller_name()))
    note(request, target=source.name, after=service.facts_of(source.name))
    response.headers["Location"] = f"/api/v1/sources/{source.name}"
    file = str(service.sources.file_of(source.name))
    return Added(name=source.name, file=file, text=text, **foreseen)


def _text_of(keys: dict[str, Any]) -> str:
    """Return the text of the file. Raises ConfigError."""
    source_of(keys)
    return plain_text(keys)


def _foreseen(proposal: Proposal) -> dict[str, Any]:
    """Return what is foreseen for a proposed source."""
    lists = {"first": list(proposal.first), "forbidden": list(proposal.forbidden)}
    return {"kept": proposal.kept, "forecast": proposal.forecast, **lists}


@router.delete("/sources/{name}", status_code=204)
def remove_source(name: str, service: Desk, request: Request) -> None:
    """Remove a source (archived site). Its archived pages stay."""
    note(request, target=name, before=service.facts_of(name))
    source_editing.remove_source(service, name, caller_name())


@router.post("/sources/{name}/runs", status_code=202, tags=["runs"])
def request_run(
    name: str,
    service: Desk,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    *,
    all_pages: Annotated[bool, Query(alias="all")] = False,
    force: bool = False,
) -> RunShape:
    """Start a run (crawl) of the source as soon as possible.

    `all=true` fetches every page, including those that would be fetched later; `force=true` also downloads pages that
    have not changed. Requests with the same Idempotency-Key within a day start only one run.
    """
    try:
        what = f"run {name}{' in full' if force else ' all' if all_pages else ''}"
        run = service.requests.once(
            idempotency_key, what, lambda: service.request(name, everything=all_pages, in_full=force)
        )
    except KeyReused as error:
        raise Refused(422, str(error)) from None
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return describe.run_shape(run)


@router.post("/sources/{name}/pause")
def pause_source(name: str, service: Desk, why: PauseRequest | None = None) -> SourceShape:
    """Pause a source: it starts no new runs."""
    service.sources.get(name)
    service.pauses.pause(name, why.reason if why else None)
    return describe.source_shape(service, name)


@router.post("/sources/{name}/resume")
def resume_source(name: str, service: Desk) -> SourceShape:
    """Resume a paused source: Pressmark crawls it again at its usual times."""
    service.sources.get(name)
    service.pauses.resume(name)
    return describe.source_shape(service, name)
