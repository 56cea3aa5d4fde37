"""/api/v1/runs: past and present runs, and their results."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Literal

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from archive.database.closed_collections import closed_collections
from archive.shipping.run_texts import lines_of_run
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.problems import Refused
from pressmark.service.idempotency import KeyReused
from pressmark.views import describe
from pressmark.views.capture_shapes import CaptureShape
from pressmark.views.log_place import failures_unknown
from pressmark.views.review.findings import LIMIT, review
from pressmark.views.review.marking import LONGEST_NOTE, mark_page, review_totals
from pressmark.views.review.replay_jobs import MOST_PAGES, ReplayJob, request_check
from pressmark.views.review.replay_report import ReplayReport, replay_report
from pressmark.views.review.review_shapes import CollectionReviewShape, ReviewMarkShape, ReviewShape
from pressmark.views.run_captures import captured_by
from pressmark.views.run_log import failed_urls
from pressmark.views.run_shapes import EventShape, FailureListing, RunShape, TickShape
from pressmark.views.shapes import LARGEST_NUMBER, Listing
from scheduler.ledger.review_marks import Judgement
from scheduler.pauses import EVERYTHING

router = Part(prefix="/api/v1", tags=["runs"])


class PageRequest(BaseModel):
    """One page to archive now, without a source."""

    url: str


class PageMark(BaseModel):
    """What a person says of a page in the review of a run."""

    url: str
    judgement: Judgement | None = None
    """`good`, `bad`, or `recapture`: archive the page again now."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


class ReplayRequest(BaseModel):
    """What to check by replay."""

    limit: Annotated[int, Field(ge=1, le=MOST_PAGES)] = 100
    """The number of pages that are checked at most."""


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
    """List the runs (crawls), newest first. If you name a source that never existed, the status of the answer is
    404."""
    runs = service.runs_of(source, status, before=cursor or None, limit=limit + 1)
    following = runs[limit - 1].id if len(runs) > limit else None
    return Listing(items=describe.runs_of(runs[:limit]), next=following)


@router.post("/runs", status_code=202)
def archive_page(
    request: Request,
    page: PageRequest,
    service: Desk,
    response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> RunShape:
    """Archive one page now. You need not add its site as a source."""
    try:
        run = service.requests.once(idempotency_key, f"page {page.url}", lambda: service.request_url(page.url))
    except KeyReused as error:
        raise Refused(422, str(error)) from None
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    note(request, target=page.url, after={"run": run.id})
    return describe.run_shape(run)


@router.get("/runs/{run}")
def show_run(run: str, service: Desk) -> RunShape:
    """Show a run."""
    return describe.run_shape(service.runs.get(run))


@router.get("/runs/{run}/captures")
def run_captures(
    run: str,
    service: Desk,
    *,
    requisites: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Listing[CaptureShape]:
    """List the pages that a run archived, in the order of archiving. With `requisites=true`, also list their images,
    styles and scripts."""
    return captured_by(service, run, cursor=cursor, limit=limit, requisites=requisites)


@router.get("/runs/{run}/failures")
def run_failures(run: str, service: Desk) -> FailureListing:
    """List the URLs that a run could not fetch, and why. The list has the first hundred and, once the run has ended,
    the last hundred. If URLs failed and this machine does not have the log of the run, `log_missing` says so."""
    row = service.runs.get(run)
    return FailureListing(items=failed_urls(service.settings.home, run), log_missing=failures_unknown(service, row))


@router.get("/runs/{run}/review")
def review_run(run: str, service: Desk, limit: Annotated[int, Query(ge=1, le=1000)] = LIMIT) -> ReviewShape:
    """Return the suspicious, failed, missing, changed and new pages of a run, the most serious first.

    A page is suspicious if it became a login form, a CAPTCHA or a block page (access refused), lost nine tenths of its
    text, or has fewer posts than before. For each kind of finding, such as suspicious or failed, at most `limit` pages
    are returned.
    """
    return review(service, run, limit)


@router.get("/runs/{run}/qa")
def checked_pages(run: str, service: Desk, limit: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1000) -> ReplayReport:
    """List the pages of a run that a browser showed again from the archive alone, the worst first, with the marks that
    people gave them; and how far the check is.

    `text_distance` is the share of the archived words that the page does not show, `picture_distance` the difference
    from the picture at the capture, both from 0 to 1. The `result` of a page is `in-order`, `different`, `not-shown`,
    or `nothing-compared`: no file is missing, but the page has neither a text nor a picture that could be compared.
    """
    return replay_report(service, run, limit)


@router.post("/runs/{run}/qa", status_code=202)
def check_by_replay(run: str, service: Desk, asked: ReplayRequest | None = None) -> ReplayJob:
    """Check the pages of a run: a browser shows each from the archive alone, and what it shows is compared with the
    capture.

    The check runs in the background. `GET /api/v1/runs/{run}/qa` shows how far it is. If a check of the run waits or is
    under way, it is returned.
    """
    return request_check(service, run, (asked or ReplayRequest()).limit, by=caller_name())


@router.post("/runs/{run}/review")
def mark_reviewed(run: str, mark: PageMark, service: Desk) -> ReviewMarkShape | None:
    """Mark a page in the review of a run. The mark `recapture` starts a run that archives the page again.

    A new mark replaces the old one. If you send neither a judgement nor a note, Pressmark deletes the mark and returns
    null.
    """
    return mark_page(service, run, mark.url, mark.judgement, mark.note, by=caller_name())


@router.get("/review")
def count_marks(service: Desk) -> Listing[CollectionReviewShape]:
    """Count, for each collection, the marks that reviewers gave to pages."""
    return Listing(items=review_totals(service))


@router.get(
    "/runs/{run}/texts",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
def run_texts(run: str, service: Desk) -> StreamingResponse:
    """Return the texts extracted from the pages of a run, one JSON object per line.

    Each text comes with its Markdown, its place in the archive (record id, WARC file, position), its checksum, and the
    version of the program that extracted it.
    """
    service.runs.get(run)
    named = {"Content-Disposition": f'attachment; filename="{run}-texts.jsonl"'}
    return StreamingResponse(lines_of_run(service.database, run), media_type="application/x-ndjson", headers=named)


@router.get(
    "/runs/{run}/items",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
def run_items(run: str, service: Desk) -> StreamingResponse:
    """Return the items (data records) that your own spider collected in a run, one JSON object per line.

    Each object has the data record (`item`), the address of the page it was taken from (`url`), and the ids of the WARC
    records of this page (`records`).
    """
    if closed_collections():
        service.runs.get(run)  # items are read from files of all runs
    lines = service.items.of(run)
    first = next(lines, None)
    if first is None:  # runs that a lost database knew have their items in the store
        service.runs.get(run)
    return StreamingResponse(chain(() if first is None else (first,), lines), media_type="application/x-ndjson")


@router.post("/runs/{run}/cancel", status_code=202)
def cancel_run(run: str, service: Desk) -> RunShape:
    """Cancel a run. A queued run ends at once; a running one ends within seconds."""
    return describe.run_shape(service.runs.cancel(run))


@router.get("/events", tags=["events"])
def list_events(
    service: Desk,
    after: Annotated[int, Query(ge=0, le=LARGEST_NUMBER)] = 0,
    source: str | None = None,
    run: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Listing[EventShape]:
    """List the events after a given one, oldest first. `next` is the value for `after` in the next request."""
    events = service.events.after(after, source=source, run=run, limit=limit)
    return Listing(
        items=[describe.event_shape(event) for event in events], next=str(events[-1].id if events else after)
    )


@router.get("/timetable/next", tags=["timetable"])
def next_ticks(
    service: Desk, source: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 20
) -> Listing[TickShape]:
    """List the next times at which Pressmark will crawl sources, soonest first."""
    return Listing(items=[describe.tick_shape(tick) for tick in service.next_ticks(limit, source=source)])


@router.post("/pause")
def pause_everything(service: Desk, reason: str | None = None) -> Paused:
    """Pause all crawling: no new run starts, and running ones continue."""
    service.pauses.pause(EVERYTHING, reason)
    return Paused(paused=True, reason=reason)


@router.post("/resume")
def resume_everything(service: Desk) -> Paused:
    """Resume all crawling."""
    service.pauses.resume(EVERYTHING)
    return Paused(paused=False)
