"""/api/v1/runs/{run}/events: a run in progress, by server-sent events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from pressmark.http.dependencies import Desk, Part
from pressmark.service.service import Service
from pressmark.views import describe
from pressmark.views.log_place import failed_by_reason

router = Part(prefix="/api/v1", tags=["runs"])

_EVERY = 0.5
"""Seconds between two queries of the ledger."""


def _known(run: str, service: Desk) -> None:
    """Refuse an unknown run while the answer can still have an error status."""
    service.runs.get(run)


@router.get("/runs/{run}/events", response_class=EventSourceResponse, dependencies=[Depends(_known)])
async def follow_run(run: str, service: Desk) -> AsyncIterator[ServerSentEvent]:
    """Follow a run while it crawls. You receive an event `progress` whenever a count of the run changes, and the event
    `over` when it ends.

    Both events contain the run as JSON. Its field `failed_by_reason` says how many URLs failed for each reason. It is
    null if only another machine has the log of the run: `log_on` has its `worker` and `host`.
    """
    last, over = "", False
    while not over:
        over, data = await run_in_threadpool(_state, service, run)
        if data != last or over:
            yield ServerSentEvent(event="over" if over else "progress", raw_data=data)
        last = data
        if not over:
            await asyncio.sleep(_EVERY)


def _state(service: Service, run: str) -> tuple[bool, str]:
    row = service.runs.get(run)
    shape = describe.run_shape(row)
    facts = shape.model_dump(mode="json") | failed_by_reason(service, row)
    return shape.status == "over", json.dumps(facts, ensure_ascii=False)
