"""Reading that must wait for archived bodies or for the database, while the run continues."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from archive.values.capture import Capture
from archive.values.errors import DamagedRecord, DatabaseUnreachable, DatabaseUnusable, StoreError
from crawler.frontier.page_fetch import Fetch
from crawler.policy.backoff import patiently
from crawler.policy.revisit import reference
from crawler.policy.rows import Link, Row
from crawler.spiders.run import Run
from extractor.html.page import Page

_log = logging.getLogger(__name__)


class LostCopy(Exception):
    """The bytes of the archived copy of a page are lost."""


class BackgroundReadings:
    """The background readings of one run."""

    def __init__(self, crawl: Run) -> None:
        self._crawl = crawl
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        return bool(self._tasks)

    async def archived(self, url: str, capture: Capture) -> Page:
        """Return the page of a capture; an empty one where runs read no archived pages."""
        reread = self._crawl.parts.reread
        payload = await asyncio.to_thread(reread, capture) if reread is not None else None
        body, content_type = payload or (b"", capture.mime)
        return Page(url, body, content_type, reference(capture).at)

    async def copy(self, url: str, capture: Capture) -> Page:
        """Return the page of the newest capture of a URL. Raises LostCopy if its bytes turn out to be lost."""
        try:
            return await self.archived(url, capture)
        except (StoreError, DamagedRecord) as error:
            if self._crawl.knowledge.note_unreadable(url, capture):
                raise LostCopy(str(error)) from error
            raise

    def read(
        self, what: Fetch | Row, found: Callable[[], Awaitable[Sequence[Link]]], then: Callable[[Sequence[Link]], None]
    ) -> None:
        """Give the links that are `found` for a URL to `then`; give none if the page itself makes that fail.

        After LostCopy the URL is requested again, in full. If `then` fails, the fetch fails; a URL that is not fetched
        ends the run.
        """
        task = asyncio.get_running_loop().create_task(self._follow(what, found, then))
        self._tasks.add(task)
        task.add_done_callback(self._read_through)

    async def _follow(
        self, what: Fetch | Row, found: Callable[[], Awaitable[Sequence[Link]]], then: Callable[[Sequence[Link]], None]
    ) -> None:
        links: Sequence[Link] = ()
        try:
            links = await patiently(found, lambda: not self._crawl.ending)
        except DatabaseUnreachable:
            return  # the run ends first: the page stays in flight, and no link is lost
        except DatabaseUnusable as error:
            self._crawl.fail(error)
            return
        except LostCopy as error:
            self._request_again(what, error)
            return
        except Exception as error:  # the capture stays; only its links are not followed this time
            self._crawl.log.event("not-reread", url=what.url, reason=str(error))
        try:
            then(links)
        except Exception as error:  # our bug to fix; the page must not stay in flight forever
            _log.exception("the links of %s could not be followed", what.url)
            self._give_up(what, error)

    def _request_again(self, what: Fetch | Row, error: LostCopy) -> None:
        """Request a page whose archived copy is lost: it counts as never tried."""
        self._crawl.log.event("copy-lost", url=what.url, reason=str(error))
        try:
            if isinstance(what, Row):
                self._crawl.frontier.release([what])
                self._crawl.fetch_queue.add({what.host})  # it is judged again
            else:
                self._crawl.verdicts.returned(what)
        except Exception as failed:
            self._give_up(what, failed)

    def _give_up(self, what: Fetch | Row, error: Exception) -> None:
        if isinstance(what, Row):
            self._crawl.fail(error)
        elif what.settled is None:
            self._crawl.verdicts.failed(what, f"{type(error).__name__}: {error}")

    def _read_through(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._crawl.wake()
