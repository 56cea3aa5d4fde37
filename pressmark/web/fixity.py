"""The page of audits, replicas and what was found."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse

from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.words import N_
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
_EVENTS = 100
"""Newest events of preservation that the page shows."""


@router.get("/fixity")
def fixity(request: Request, service: Desk) -> HTMLResponse:
    return page(request, "fixity.html", fixity=fixity_shape(service), events=event_shapes(service, _EVENTS))
