"""/api/v1/runs/{run}/events: a run as it goes on, by server-sent events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from pressmark.http.dependencies import Desk
from pressmark.service.service import Service
from pressmark.views import describe
from pressmark.views.run_log import failures

router = APIRouter(prefix="/api/v1", tags=["runs"])

_EVERY = 0.5
"""Seconds between two looks at the ledger."""
_QUIET = 30
"""Looks without news after which a comment is sent, so that nobody on the way takes the connection for dead."""


@router.get(
    "/runs/{run}/events", responses={200: {"content": {"text/event-stream": {}}}}, response_class=StreamingResponse
)
async def follow_run(run: str, service: Desk) -> StreamingResponse:
    """Follow a run: an event `progress` whenever its counts change, and `over` at the end, after which nothing comes.

    The data of both is the run as JSON, with `failed_by_reason`.
    """
    await run_in_threadpool(service.runs.get, run)
    return StreamingResponse(
        _events(service, run), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _events(service: Service, run: str) -> AsyncIterator[str]:
    last, quiet = "", 0
    while True:
        over, data = await run_in_threadpool(_state, service, run)
        if data != last or over:
            yield f"event: {'over' if over else 'progress'}\ndata: {data}\n\n"
            last, quiet = data, 0
        if over:
            return
        quiet += 1
        if quiet % _QUIET == 0:
            yield ": still here\n\n"
        await asyncio.sleep(_EVERY)


def _state(service: Service, run: str) -> tuple[bool, str]:
    shape = describe.run_shape(service.runs.get(run))
    facts = shape.model_dump(mode="json") | {"failed_by_reason": failures(service.settings.home, run)}
    return shape.status == "over", json.dumps(facts, ensure_ascii=False)
