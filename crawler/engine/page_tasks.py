"""The pages of a run that wait for slow work beside the crawl, such as a browser or yt-dlp: a task for each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

_MOST_WAITING = 2
"""Pages that wait while the work for one is done; until then, no further page is requested."""


class PageTasks:
    """The tasks of one run, in the event loop of the worker."""

    def __init__(self, wake: Callable[[], None]) -> None:
        """Set up; `wake` is called after each task that ends."""
        self._wake = wake
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Start the work for a page."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    @property
    def is_full(self) -> bool:
        """Whether enough pages wait, with their bodies in memory."""
        return len(self._tasks) > _MOST_WAITING

    def abort(self) -> None:
        """Cancel all tasks: each returns its page to the frontier."""
        for task in self._tasks:
            task.cancel()

    async def close(self) -> None:
        """Cancel all tasks, and wait until they have ended."""
        self.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake()
