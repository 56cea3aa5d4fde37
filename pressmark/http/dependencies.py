"""What all routes share: the router of a part of the service, and how a route gets the service."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.routing import Match, Route
from starlette.types import Scope

from pressmark.service.health import Health
from pressmark.service.service import Service

_API = "/api/v1"


class Part(APIRouter):
    """A router whose routes are tried only for paths that begin like one of them.

    FastAPI tries the routes of all routers in turn, which costs a small page a fifth of its time.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if _first(scope["path"]) in self._beginnings else (Match.NONE, {})

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        """The first parts of all paths. Raises ValueError if one is a parameter."""
        found = frozenset(_first(route.path) for route in self.routes if isinstance(route, Route))
        if any("{" in first for first in found):
            raise ValueError(f"a path begins with a parameter: {sorted(found)}")
        return found


def _first(path: str) -> str:
    """Return the first part of a path, below the prefix of the API if it has it, without a line break at its end."""
    return path.removeprefix(_API)[1:].partition("/")[0].removesuffix("\n")


async def _service(request: Request) -> Service:
    # Asynchronous: FastAPI calls any other dependency in a thread.
    service: Service = request.app.state.service
    return service


Desk = Annotated[Service, Depends(_service)]


def health_of(request: Request) -> Health:
    """Return the health checks of the running service."""
    health: Health = request.app.state.health
    return health
