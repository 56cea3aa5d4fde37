"""Tasks without which a process is useless: if one breaks, the process ends, so that it is started again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

log = logging.getLogger(__name__)


def essential(work: Coroutine[Any, Any, None], stop: Callable[[], object]) -> asyncio.Task[None]:
    """Start a task; when it ends by an exception, call `stop`. `ended` raises that exception."""
    task = asyncio.create_task(work)

    def check(_: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a part of the process failed: the process stops", exc_info=error)
            stop()

    task.add_done_callback(check)
    return task


async def ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks and wait for them. Raises the exception of a task that ended by one."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        with suppress(asyncio.CancelledError):
            task.result()
