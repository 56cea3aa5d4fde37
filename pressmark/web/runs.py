"""The runs, and one active run: its page follows events, or reloads itself where no script runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import get_args

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from archive.index.run_captures import counted_by_time
from archive.values.errors import StoreError
from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.service.service import Service
from pressmark.views import describe
from pressmark.views.capture_pages import shows_page
from pressmark.views.capture_shapes import CaptureShape
from pressmark.views.log_place import log_missing
from pressmark.views.review.findings import review
from pressmark.views.review.marking import LONGEST_NOTE, mark_page
from pressmark.views.review.review_shapes import FINDINGS
from pressmark.views.run_captures import captured_by
from pressmark.views.run_log import drawn_pages, entries, failed_urls, failures, left_out, log_line, not_due
from pressmark.views.run_shapes import RunShape
from pressmark.web.charts import bar_chart
from pressmark.web.forms import form
from pressmark.web.source_charts import Coverage
from scheduler.ledger.review_marks import Judgement
from scheduler.run import RunOver

router = Part(include_in_schema=False)

_PAGE, _LOG_LINES, _ITEMS = 50, 40, 20
_REFRESH = 2
"""Seconds after which the page of an active run reloads itself."""


@router.get("/runs")
def runs(request: Request, service: Desk, cursor: str | None = None) -> HTMLResponse:
    found = service.runs.list(before=cursor or None, limit=_PAGE + 1)
    following = found[_PAGE - 1].id if len(found) > _PAGE else None
    return page(request, "runs.html", runs=describe.runs_of(found[:_PAGE]), following=following)


@router.get("/runs/{run}")
def run(request: Request, run: str, service: Desk, cursor: str = "", *, requisites: bool = False) -> HTMLResponse:
    row, home = service.runs.get(run), service.settings.home
    shape = describe.run_shape(row)
    goes_on = shape.status != "over"
    captures = captured_by(service, run, cursor=cursor or None, limit=_PAGE, requisites=requisites)
    return page(
        request,
        "run.html",
        scripts=("run.js",) if goes_on else (),
        run=shape,
        coverage=Coverage.of(shape.completeness) if shape.completeness and shape.completeness.listed else None,
        known=shape.source in service.sources.good,
        paused=shape.source in service.pauses.all(),
        refresh=_REFRESH if goes_on else None,
        failures=failures(home, run),
        failed=failed_urls(home, run),
        drawn=drawn_pages(home, run),
        left_out=left_out(shape.not_fetched),
        not_due=not_due(shape.not_fetched),
        captures=captures,
        counted=(counted := counted_by_time(service.database, run, service.now() if goes_on else None)),
        by_time=bar_chart([count for _, count in counted]),
        cite=_citation_of(shape, captures.items) if not goes_on else None,
        requisites=requisites,
        cursor=cursor,
        items=_first_items(service, run) if shape.spider and shape.spider.items else (),
        log_missing=log_missing(service, row),
        log=[log_line(entry) for entry in deque(entries(home, run), _LOG_LINES)],
    )


@router.get("/runs/{run}/review")
def review_run(request: Request, run: str, service: Desk) -> HTMLResponse:
    """Show what a run found, the worst first."""
    shape = describe.run_shape(service.runs.get(run))
    return page(request, "review.html", run=shape, review=review(service, run), findings=FINDINGS, longest=LONGEST_NOTE)


@router.post("/runs/{run}/review")
async def mark_reviewed(request: Request, run: str, service: Desk) -> RedirectResponse:
    """Mark a page: the button says how."""
    fields = await form(request)
    judgement = next((one for one in get_args(Judgement) if one == fields.get("judgement")), None)
    said = fields.get("url", "").strip(), judgement, fields.get("note", "")
    await run_in_threadpool(mark_page, service, run, *said, by=caller_name())
    return RedirectResponse(f"/runs/{run}/{'qa' if fields.get('back') == 'qa' else 'review'}", 303)


def _citation_of(run: RunShape, captures: Sequence[CaptureShape]) -> str | None:
    """Return the page that cites what the run of a single page archived; None where there is nothing to cite."""
    good = [one for one in captures if one.status is not None and shows_page(one)]
    found = next((one for one in good if one.url == run.url), good[-1] if good else None)
    return found.page.replace("/snapshot/", "/view/cite/", 1) if run.url and found else None


def _first_items(service: Service, run: str) -> list[str]:
    try:
        return [line.decode("utf-8", "replace").rstrip() for line in islice(service.items.of(run), _ITEMS)]
    except StoreError as error:
        return [str(error)]


@router.post("/archive")
async def archive(request: Request, service: Desk) -> RedirectResponse:
    """Archive one page now, by the source that its site belongs to, or by none."""
    url = (await form(request)).get("url", "").strip()
    asked = await run_in_threadpool(service.request_url, url)
    return RedirectResponse(f"/runs/{asked.id}", 303)


@router.post("/runs/{run}/cancel")
def cancel(run: str, service: Desk) -> RedirectResponse:
    with suppress(RunOver):  # since its page was made
        service.runs.cancel(run, "somebody cancelled the run on its page")
    return RedirectResponse(f"/runs/{run}", 303)


@router.post("/runs/{run}/retry")
def retry(run: str, service: Desk) -> RedirectResponse:
    """Request the same as a run did once more."""
    again = service.runs.get(run)
    if again.url:
        asked = service.request_url(again.url)
    else:
        asked = service.request(again.source, everything=again.everything, in_full=again.in_full)
    return RedirectResponse(f"/runs/{asked.id}", 303)
