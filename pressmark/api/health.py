"""/healthz, /readyz and /metrics: for monitoring."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from pressmark.http.dependencies import Desk, Part, health_of
from pressmark.http.gate import MAY_KNOW
from pressmark.service.health import Health

router = Part(tags=["health"])


class Alive(BaseModel):
    status: str = "ok"


class Ready(BaseModel):
    """Whether the service can do its work, and if not, why."""

    ready: bool
    problems: dict[str, str]
    """By part: clock, worker, and those of docs/operations/states.md.

    A caller without access to anything else gets the names of the states instead of their sentences.
    """
    notices: dict[str, str] = {}
    """What needs a person although the service does its work: captures that are out of reach."""


@router.get("/healthz")
async def healthz() -> Alive:
    """Return the status 200, which shows that the service is running."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(request: Request, response: Response, health: Annotated[Health, Depends(health_of)]) -> Ready:
    """Show whether the scheduler and a crawling process (worker) are running, and if anything needs your attention."""
    found, named = health.found(), not request.scope["state"][MAY_KNOW]
    problems = health.problems(found, named=named)
    response.status_code = 503 if problems else 200
    return Ready(ready=not problems, problems=problems, notices=health.notices(found, named=named))


@router.get("/metrics", response_class=Response)
def metrics(service: Desk) -> Response:
    """Return figures about the service, for the monitoring program Prometheus."""
    from pressmark.upkeep.metrics.metrics import CONTENT_TYPE, metrics

    return Response(metrics(service), headers={"Content-Type": CONTENT_TYPE})
