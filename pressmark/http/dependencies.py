"""What all routes share: the router of a part of the service, and how a route gets the service."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from inspect import Parameter, signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.routing import Match, Route, compile_path, get_name
from starlette.types import Scope

from pressmark.service.health import Health
from pressmark.service.service import Service

_API = "/api/v1"
_UNSAID = {
    name: parameter.default
    for name, parameter in signature(APIRoute.__init__).parameters.items()
    if parameter.kind is Parameter.KEYWORD_ONLY
}
"""What a route says of itself by default."""


class PartRoute(APIRoute):
    """A route that only says what it is. It answers through the application that includes its router.

    FastAPI builds the part that answers for each such application, at the first request to the router. `APIRoute` would
    build the same at the import, for a route that is in no router: it answers nothing then.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **said: Any) -> None:
        vars(self).update(_UNSAID | said)
        self.path, self.endpoint, self.stream_item_type = path, endpoint, None
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.methods = {method.upper() for method in said.get("methods") or ["GET"]}
        self.name = said.get("name") or get_name(endpoint)
        self.tags, self.dependencies = list(said.get("tags") or []), list(said.get("dependencies") or [])
        self.responses = dict(said.get("responses") or {})


class Part(APIRouter):
    """A router whose routes are tried only for paths that begin like one of them.

    FastAPI tries the routes of all routers in turn, which costs a small page a fifth of its time.
    """

    def __init__(self, **said: Any) -> None:
        super().__init__(route_class=PartRoute, **said)

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
