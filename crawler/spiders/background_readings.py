"""Reading that must wait for archived bodies or for the database, while the run continues."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from archive.values.errors import DatabaseUnreachable, DatabaseUnusable
from crawler.policy.backoff import patiently
from crawler.policy.rows import Link, Row
from crawler.spiders.run import Run


class BackgroundReadings:
    """The background readings of one run."""

    def __init__(self, crawl: Run) -> None:
        self._crawl = crawl
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    def read(
        self, row: Row, found: Callable[[], Awaitable[Sequence[Link]]], then: Callable[[Sequence[Link]], None]
    ) -> None:
        """Give the links that are `found` for a URL to `then`; give none if the page itself makes that fail."""
        task = asyncio.get_running_loop().create_task(self._follow(row, found, then))
        self._tasks.add(task)
        task.add_done_callback(self._read_through)

    async def _follow(
        self, row: Row, found: Callable[[], Awaitable[Sequence[Link]]], then: Callable[[Sequence[Link]], None]
    ) -> None:
        links: Sequence[Link] = ()
        try:
            links = await patiently(found, lambda: not self._crawl.ending)
        except DatabaseUnreachable:
            return  # the run ends first: the page stays in flight, and no link is lost
        except DatabaseUnusable as error:
            self._crawl.fail(error)
            return
        except Exception as error:  # the capture stays; only its links are not followed this time
            self._crawl.log.event("not-reread", url=row.url, reason=str(error))
        then(links)

    def _read_through(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._crawl.wake()
