"""The door for web archive clients: it answers their paths, and passes on everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from archive.values.errors import ArchiveError
from pressmark.http.errors import status_of
from pressmark.http.in_thread import RequestThreads
from pressmark.http.stage.stage import Stage
from pressmark.service.redaction import redaction
from pressmark.service.service import Service
from pressmark.wayback.answer import Answer, Receive, Send, problem
from pressmark.wayback.request_context import RequestContext
from pressmark.wayback.routes import NotWaybackPath, Route, Routes
from pressmark.wayback.save import Save

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_THREADS = 8


class WaybackMiddleware:
    """The middleware behind the gate, and before the API and the pages."""

    def __init__(self, app: App, service: Service, stage: Stage | None = None) -> None:
        self._app = app
        self._executor = RequestThreads(_THREADS, "retrieval")
        self._routes = Routes(service, stage)
        self._save = Save(service, self._executor)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = RequestContext.of(scope)
            answer = await self._answer(asked)
            if answer is not None:
                await answer.send(send, receive, asked.method, self._executor)
                return
        await self._app(scope, receive, send)

    async def _answer(self, asked: RequestContext) -> Answer | None:
        if asked.raw_path.startswith(b"/save/") and asked.method in {"GET", "POST"}:
            return await self._save.answer(asked, asked.url_after(1))
        if (route := self._routes.of(asked)) is None:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._executor, _guarded, route, asked)


def _guarded(route: Route, asked: RequestContext) -> Answer | None:
    """Answer, with refusals of the archive as problem details; None for a path that is not ours."""
    try:
        answer = route(asked)
        answer.hasten()
        return answer
    except NotWaybackPath:
        return None
    except ArchiveError as error:
        return problem(status_of(error), redaction.text(str(error)))
