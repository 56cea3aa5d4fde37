"""The page of a run's check by replay: it starts one, shows how far it is, and lists the pages, the worst first."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from pressmark.http.callers import caller_name
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.views import describe
from pressmark.views.review.marking import LONGEST_NOTE
from pressmark.views.review.replay_jobs import MOST_PAGES, request_check
from pressmark.views.review.replay_report import replay_report
from pressmark.web.forms import form

router = Part(include_in_schema=False)

RESULT_WORDS = {
    "not-shown": N_("could not be shown"),
    "different": N_("differs"),
    "nothing-compared": N_("nothing to compare"),
    "in-order": N_("as archived"),
}
_SHOWN = 200
_REFRESH = 3
"""Seconds after which the page of a check under way reloads itself, with scripts or without."""


@router.get("/runs/{run}/qa")
def checked(request: Request, run: str, service: Desk) -> HTMLResponse:
    shape, report = describe.run_shape(service.runs.get(run)), replay_report(service, run, _SHOWN)
    active = report.job is not None and report.job.is_active
    return page(
        request,
        "replay-checks.html",
        run=shape,
        report=report,
        words=RESULT_WORDS,
        longest=LONGEST_NOTE,
        most=MOST_PAGES,
        refresh=_REFRESH if active else None,
    )


@router.post("/runs/{run}/qa")
async def check(request: Request, run: str, service: Desk) -> RedirectResponse:
    """Request a check."""
    given = (await form(request)).get("limit", "").strip() or "100"
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:9]) <= MOST_PAGES:
        raise ValueError(f"give a number of pages from 1 to {MOST_PAGES}")
    await run_in_threadpool(request_check, service, run, int(given[:9]), by=caller_name())
    return RedirectResponse(f"/runs/{run}/qa", 303)
