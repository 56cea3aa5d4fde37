"""/api/v1/sources: what is kept, on which timetable, and runs asked for by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from config.load import parse_sources
from config.source import Walk
from pressmark.discover.adding import look_and_propose
from pressmark.discover.draft import plain_text
from pressmark.discover.propose import Proposal, Wish, source_of
from pressmark.http.dependencies import Desk
from pressmark.http.problems import Refused
from pressmark.service.idempotency import KeyReused
from pressmark.views import describe
from pressmark.views.shapes import Listing, RunShape, Shape, SourceShape

router = APIRouter(prefix="/api/v1", tags=["sources"])


class NewSource(BaseModel):
    """Either a URL, which is looked at to find out the rest, or a whole description as in a source's file."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    url: str | None = Field(default=None, examples=["https://example.org/news/"])
    name: str | None = None
    walk: Walk | None = None
    every: str | None = Field(default=None, examples=["6h"])
    cron: str | None = None
    description: dict[str, Any] | None = None
    """The keys of a source's file."""
    dry_run: bool = False
    """Say what would be written, and write nothing."""


class Added(Shape):
    """A new source, and what its first run would begin with."""

    name: str
    file: str | None
    """Null on a dry run."""
    text: str
    """What is written there."""
    kept: str | None = None
    """Which part of the site is kept, and how to keep all of it; null for a source that was described."""
    forecast: str | None = None
    """How many pages a first run would fetch, and which."""
    first: Sequence[str] = ()
    forbidden: Sequence[str] = ()
    """URLs that robots.txt forbids."""


class PauseRequest(BaseModel):
    reason: str | None = None


@router.get("/sources")
def list_sources(service: Desk) -> Listing[SourceShape]:
    """All sources, the failing first."""
    return Listing(items=describe.source_shapes(service))


@router.get("/sources/{name}")
def show_source(name: str, service: Desk) -> SourceShape:
    return describe.source_shape(service, name)


@router.post("/sources", status_code=201)
async def add_source(new: NewSource, service: Desk, response: Response) -> Added:
    """Add a source. Its file is written, and counts within seconds."""
    if (new.url is None) == (new.description is None):
        raise Refused(422, "give either a url to inspect or a description")
    if new.url is None:
        source_of(new.description or {})
        text, foreseen = plain_text(new.description or {}), {}
    else:
        wish = Wish(name=new.name, walk=new.walk, every=new.every, cron=new.cron)
        settings, taken = service.settings, list(service.sources.good)
        found = await look_and_propose(
            new.url, wish, settings=settings, taken=taken, at=service.now(), figures=service.figures
        )
        text, foreseen = found.text, _foreseen(found.proposal)
    if new.dry_run:
        response.status_code = 200
        [source] = parse_sources(text)
        return Added(name=source.name, file=None, text=text, **foreseen)
    source = await run_in_threadpool(service.add_source, text)
    response.headers["Location"] = f"/api/v1/sources/{source.name}"
    file = str(service.sources.file_of(source.name))
    return Added(name=source.name, file=file, text=text, **foreseen)


def _foreseen(proposal: Proposal) -> dict[str, Any]:
    """What is said of a source that was proposed."""
    lists = {"first": list(proposal.first), "forbidden": list(proposal.forbidden)}
    return {"kept": proposal.kept, "forecast": proposal.forecast, **lists}


@router.delete("/sources/{name}", status_code=204)
def remove_source(name: str, service: Desk) -> None:
    """Remove a source. What is kept of it stays."""
    service.remove_source(name)


@router.post("/sources/{name}/runs", status_code=202, tags=["runs"])
def request_run(
    name: str,
    service: Desk,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    *,
    all_pages: Annotated[bool, Query(alias="all")] = False,
) -> RunShape:
    """Ask for a run now; with `all=true`, of every page, also those that are not due. The same Idempotency-Key within a
    day gives the same run.
    """
    try:
        what = f"run {name}{' all' if all_pages else ''}"
        run = service.requests.once(idempotency_key, what, lambda: service.request(name, everything=all_pages))
    except KeyReused as error:
        raise Refused(422, str(error)) from None
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return describe.run_shape(run)


@router.post("/sources/{name}/pause")
def pause_source(name: str, service: Desk, why: PauseRequest | None = None) -> SourceShape:
    """Begin no run of it from now on."""
    service.sources.get(name)
    service.pauses.pause(name, why.reason if why else None)
    return describe.source_shape(service, name)


@router.post("/sources/{name}/resume")
def resume_source(name: str, service: Desk) -> SourceShape:
    service.sources.get(name)
    service.pauses.resume(name)
    return describe.source_shape(service, name)
