"""How a route gets the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from pressmark.service.health import Health
from pressmark.service.service import Service


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Desk = Annotated[Service, Depends(_service)]


def health_of(request: Request) -> Health:
    """Return the health checks of the running service."""
    health: Health = request.app.state.health
    return health
