"""/api/v1/runs: what was crawled, what is, and what came of it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from archive.shipping.run_texts import lines_of_run
from pressmark.http.dependencies import Desk
from pressmark.http.problems import Refused
from pressmark.service.idempotency import KeyReused
from pressmark.views import describe
from pressmark.views.shapes import EventShape, Listing, RunShape, TickShape
from scheduler.pauses import EVERYTHING

router = APIRouter(prefix="/api/v1", tags=["runs"])


class PageRequest(BaseModel):
    """One page, now, of no source."""

    url: str


class Paused(BaseModel):
    """Whether all crawling is paused."""

    paused: bool
    reason: str | None = None


@router.get("/runs")
def list_runs(
    service: Desk,
    source: str | None = None,
    status: Literal["queued", "running", "over"] | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Listing[RunShape]:
    """The newest first. 404 for a source that there is not, and never was."""
    runs = service.runs_of(source, status, before=cursor or None, limit=limit + 1)
    following = runs[limit - 1].id if len(runs) > limit else None
    return Listing(items=describe.runs_of(runs[:limit]), next=following)


@router.post("/runs", status_code=202)
def archive_page(
    page: PageRequest,
    service: Desk,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> RunShape:
    """Keep one page now, without a source."""
    try:
        run = service.requests.once(idempotency_key, f"page {page.url}", lambda: service.request_url(page.url))
    except KeyReused as error:
        raise Refused(422, str(error)) from None
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return describe.run_shape(run)


@router.get("/runs/{run}")
def show_run(run: str, service: Desk) -> RunShape:
    return describe.run_shape(service.runs.get(run))


@router.get(
    "/runs/{run}/texts",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
def run_texts(run: str, service: Desk) -> StreamingResponse:
    """What was read from the pages of a run, a JSON object a line: each text with its Markdown, its record id, segment,
    offset and digest, and what read it.
    """
    service.runs.get(run)
    return StreamingResponse(lines_of_run(service.database, run), media_type="application/x-ndjson")


@router.get(
    "/runs/{run}/items",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
def run_items(run: str, service: Desk) -> StreamingResponse:
    """What a spider of the user's own gave, a JSON object a line: the `item`, the `url` of the answer it came from,
    and the ids of its `records` in the WARC.
    """
    service.runs.get(run)
    return StreamingResponse(service.items.of(run), media_type="application/x-ndjson")


@router.post("/runs/{run}/cancel", status_code=202)
def cancel_run(run: str, service: Desk) -> RunShape:
    """Cancel a run: a queued run ends at once, a running one soon."""
    return describe.run_shape(service.runs.cancel(run))


@router.get("/events", tags=["events"])
def list_events(
    service: Desk,
    after: Annotated[int, Query(ge=0, le=(1 << 63) - 1)] = 0,
    source: str | None = None,
    run: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Listing[EventShape]:
    """What happened past an event, the oldest first. `next` is what to give as `after`."""
    events = service.events.after(after, source=source, run=run, limit=limit)
    return Listing(
        items=[describe.event_shape(event) for event in events], next=str(events[-1].id if events else after)
    )


@router.get("/timetable/next", tags=["timetable"])
def next_ticks(
    service: Desk, source: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 20
) -> Listing[TickShape]:
    """What falls due next, soonest first."""
    return Listing(items=[describe.tick_shape(tick) for tick in service.next_ticks(limit, source=source)])


@router.post("/pause")
def pause_everything(service: Desk, reason: str | None = None) -> Paused:
    """Begin no run at all from now on; running ones go on."""
    service.pauses.pause(EVERYTHING, reason)
    return Paused(paused=True, reason=reason)


@router.post("/resume")
def resume_everything(service: Desk) -> Paused:
    service.pauses.resume(EVERYTHING)
    return Paused(paused=False)
