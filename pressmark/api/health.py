"""/healthz, /readyz and /metrics: for those who watch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from pressmark.api.desk import Desk
from pressmark.health import Health

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    status: str = "ok"


class Ready(BaseModel):
    """Whether the service can do its work, and if not, why."""

    ready: bool
    problems: dict[str, str]
    """By part: database, clock, worker."""
    notices: dict[str, str] = {}
    """What people should know, and what keeps the service from nothing: captures that are out of reach."""


def _health(request: Request) -> Health:
    health: Health = request.app.state.health
    return health


@router.get("/healthz")
async def healthz() -> Alive:
    """The process answers."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def readyz(response: Response, health: Annotated[Health, Depends(_health)]) -> Ready:
    """The database answers, the clock strikes, and a worker is there."""
    problems = health.problems()
    response.status_code = 503 if problems else 200
    return Ready(ready=not problems, problems=problems, notices=health.noticed())


@router.get("/metrics", response_class=Response)
def metrics(service: Desk) -> Response:
    """Prometheus reads this."""
    from pressmark.metrics import CONTENT_TYPE, metrics

    return Response(metrics(service), headers={"Content-Type": CONTENT_TYPE})
