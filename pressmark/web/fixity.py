"""The pages of audits, replicas and what was found, and of the jobs that services share."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.gate import note
from pressmark.http.render import page
from pressmark.http.words import N_
from pressmark.service.readers import batches_of
from pressmark.upkeep.batches.kinds import wrong_in
from pressmark.upkeep.batches.shapes import cancel, listed, parts_left, shape_of
from pressmark.upkeep.fixity_shapes import event_shapes, fixity_shape

router = Part(include_in_schema=False)

OUTCOMES = (
    N_("damaged"),
    N_("missing"),
    N_("unreadable"),
    N_("success"),
    N_("fail"),
    N_("fixity check"),
    N_("replication"),
)
JOB_WORDS = (
    N_("audit"),
    N_("rebuild"),
    N_("export"),
    N_("extraction"),
    N_("open"),
    N_("done"),
    N_("cancelled"),
    N_("is being done"),
    N_("waits"),
    N_("failed several times"),
)
_JOBS = "/settings/jobs"
_PARTS = 100
"""Jobs that are left, and damaged files, that the page of an audit shows."""
_EVENTS = 100
"""Newest events of preservation that the page shows."""


@router.get("/fixity")
def fixity(request: Request, service: Desk) -> HTMLResponse:
    return page(request, "fixity.html", fixity=fixity_shape(service), events=event_shapes(service, _EVENTS))


@router.get(_JOBS)
def jobs(request: Request, service: Desk) -> HTMLResponse:
    """List audits, rebuilds, exports and texts to extract again, which services share."""
    return page(request, "jobs.html", jobs=listed(service))


@router.get(_JOBS + "/{id}")
def job(request: Request, id: str, service: Desk) -> HTMLResponse:
    """Show one of them: its progress, which of its jobs are left, and what it found damaged."""
    shape = shape_of(service, id)
    wrong = wrong_in(batches_of(service).results(id))
    left = parts_left(service, id, _PARTS)
    return page(request, "job.html", job=shape, left=left, wrong=wrong[:_PARTS], count=len(wrong))


@router.post(_JOBS + "/{id}/cancel")
def cancel_job(request: Request, id: str, service: Desk) -> RedirectResponse:
    shape = cancel(service, id)
    note(request, target=id, after={"jobs": shape.jobs, "left": shape.left_jobs})
    return RedirectResponse(_JOBS, 303)
