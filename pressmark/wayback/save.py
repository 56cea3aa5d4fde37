"""``/save/<url>``: archive a page now, as the Internet Archive's clients request it. It answers when that is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from archive.database.schema import microseconds
from archive.values.timestamps import NEWEST
from pressmark.http.gate import is_foreign
from pressmark.http.link_header import http_date
from pressmark.http.place import Place
from pressmark.service.access.source_facts import in_text
from pressmark.service.service import Service
from pressmark.wayback.answer import Answer, problem, redirect
from pressmark.wayback.request_context import RequestContext
from scheduler.run import Run

T = TypeVar("T")

_PATIENCE = 40.0
"""Seconds that a client waits at most. After that the answer names the page of the run."""
_STEP = 0.2


class Save:
    def __init__(self, service: Service, executor: Executor) -> None:
        self._service = service
        self._executor = executor

    async def answer(self, asked: RequestContext, url: str) -> Answer:
        if is_foreign(asked.headers):
            return problem(
                403,
                (
                    "the request comes from a page of another site, which may not"
                    " change anything here; use the pages of this service"
                ),
            )
        try:
            run = await self._apart(partial(self._service.request_url, url))
        except ValueError as error:
            return problem(400, str(error))
        for _ in range(int(_PATIENCE / _STEP)):
            if run.status == "over":
                return await self._apart(partial(self._result, asked, url, run))
            await asyncio.sleep(_STEP)
            run = await self._apart(partial(self._service.runs.get, run.id))
        return Answer(b"", 202, {"Location": f"/api/v1/runs/{run.id}", "Retry-After": "10"})

    def _result(self, asked: RequestContext, url: str, run: Run) -> Answer:
        capture = self._service.index.closest(url, NEWEST)
        if capture is None or capture.at < run.requested_at:
            return problem(
                422, f"{url} was not archived: {run.outcome}{f', {in_text(run.reason)}' if run.reason else ''}"
            )
        place = Place(asked.base, "web")
        where, when = place.url_of(capture, ""), http_date(microseconds(capture.at))
        link = f'<{where}>; rel="memento"; datetime="{when}"'
        return redirect(where, headers={"Content-Location": where.removeprefix(asked.base), "Link": link})

    async def _apart(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)
