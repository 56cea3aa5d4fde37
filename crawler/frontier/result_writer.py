"""Between an answer and the frontier: a page is done when it is read and all its exchanges are acknowledged."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter, deque
from collections.abc import Callable

from archive.values.capture import Capture
from archive.values.errors import ArchiveError
from crawler.frontier.failures import FrontierUnwritable, unwritable
from crawler.frontier.frontier import Frontier
from crawler.frontier.page_fetch import Fetch
from crawler.policy.rows import FetchResult, Role, State
from crawler.policy.shared import Receipt
from crawler.policy.skip_reasons import count_dropped

_RETRY_SECONDS = 1.0
_MOST_LINKS = 500
"""Links that are written before the event loop gets its turn again."""
_NOTHING = FetchResult(0, State.DONE)
"""The key for fetches outside the frontier."""


class ResultWriter:
    """Writes the results of fetches, many in one transaction. Lives in the event loop.

    `committed` gets the hosts that may have new URLs. `refused` gets a fetch, and why an exchange of it was not
    written; it returns when to retry the page, in seconds since 1970. `finished` gets the result of each URL that was
    fetched and archived. `failed` gets a permanent error.
    """

    def __init__(
        self,
        frontier: Frontier,
        *,
        committed: Callable[[set[int]], None],
        refused: Callable[[Fetch, ArchiveError], float],
        finished: Callable[[Fetch, FetchResult], None] = lambda fetch, settled: None,
        failed: Callable[[Exception], None],
    ) -> None:
        self._frontier = frontier
        self.failed = failed
        self._committed, self._refused, self._finished = committed, refused, finished
        self._over: deque[tuple[Fetch | None, FetchResult]] = deque()
        self._writing: list[tuple[Fetch | None, FetchResult]] = []
        """Taken from these and counted, but not committed."""
        self._scheduled: asyncio.Handle | None = None
        self._closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.problem: FrontierUnwritable | None = None
        """Why what is over can't be written down; None when it can."""
        self._tally: Counter[str] = frontier.tally
        self.open = 0
        """Fetches that were started and are not written yet."""
        self.open_pages = 0
        """The fetches among them that are pages and not counted yet."""

    def begin(self, fetch: Fetch) -> None:
        self.open += 1
        self.open_pages += fetch.is_page
        self._idle.clear()

    def finish(self, fetch: Fetch, settled: FetchResult = _NOTHING) -> None:
        """Note that the callback of a fetch is done; the rest is up to the recorder."""
        fetch.settled = settled
        if fetch.over:
            self._end(fetch, settled)
            self._schedule()

    def drop(self, settled: FetchResult) -> None:
        """Write off a leased URL that is not fetched."""
        self._over.append((None, settled))
        self._idle.clear()
        self._schedule()

    def acknowledged(self, fetch: Fetch, receipt: Receipt) -> None:
        """Note that one exchange of a fetch is on disk, or could not be written. `commit` follows, once for many."""
        fetch.acknowledge(receipt)
        if receipt.error is None:
            self._count(fetch, receipt)
        if fetch.over and fetch.settled is not None:
            self._end(fetch, fetch.settled)

    def commit(self) -> None:
        """Write the results of finished fetches. A URL with too many links for one turn of the loop takes several."""
        self._unschedule()
        if self._closed:
            return
        try:
            self._commit()
        except Exception as error:  # the loop would log it, and the run would wait forever
            self.failed(error)

    def _commit(self) -> None:
        self._writing = self._writing or self._next_batch()
        if not self._writing:
            return
        try:
            hosts = self._frontier.write_results(
                [settled for fetch, settled in self._writing if not fetch or fetch.row]
            )
        except sqlite3.OperationalError as error:  # usually a full disk: nothing is lost, the pages stay as they are
            self.problem = unwritable(self._frontier.path, error)
            self._scheduled = asyncio.get_running_loop().call_later(_RETRY_SECONDS, self.commit)
            return
        self.problem = None
        over = [(fetch, settled) for fetch, settled in self._writing if fetch]
        self._writing = []
        if self._over:
            self._schedule()
        self.open -= len(over)
        if not self.busy:
            self._idle.set()
        again = {fetch.row.host for fetch, settled in over if fetch.row and settled.state is State.PENDING}
        self._committed(hosts | again)

    @property
    def busy(self) -> bool:
        """Whether something is still to be written."""
        return self.open > 0 or bool(self._over) or bool(self._writing)

    async def idle(self, seconds: float) -> bool:
        """Wait until nothing is left to be written; return False on timeout."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Write nothing more: fetches that finish from now on count as not requested."""
        self._closed = True
        self._unschedule()

    def _unschedule(self) -> None:
        if self._scheduled is not None:
            self._scheduled.cancel()
            self._scheduled = None

    def _schedule(self) -> None:
        if self._scheduled is None:
            self._scheduled = asyncio.get_running_loop().call_soon(self.commit)

    def _end(self, fetch: Fetch, settled: FetchResult) -> None:
        if fetch.row is not None and fetch.error is not None:
            due = self._refused(fetch, fetch.error)
            settled = FetchResult(fetch.row.id, State.PENDING, due=due, attempts=fetch.row.attempts)
        self._over.append((fetch, settled))

    def _next_batch(self) -> list[tuple[Fetch | None, FetchResult]]:
        """Return what is written next, and is counted from now on.

        A URL with too many links stays leased, in the file too, until the last of them are written. After a kill before
        that, it is requested again, but the links already written are not.
        """
        taken: list[tuple[Fetch | None, FetchResult]] = []
        room = _MOST_LINKS
        while self._over and (len(self._over[0][1].links) <= room or not taken):
            fetch, settled = self._over.popleft()
            if len(settled.links) > _MOST_LINKS:
                first, rest = settled.links[:_MOST_LINKS], settled.links[_MOST_LINKS:]
                self._over.appendleft((fetch, settled._replace(links=rest)))
                return [(None, settled._replace(state=State.LEASED, reason=None, links=first))]
            room -= len(settled.links)
            taken.append((fetch, settled))
            self._finish(fetch, settled)
        return taken

    def _finish(self, fetch: Fetch | None, settled: FetchResult) -> None:
        if fetch is None:
            count_dropped(self._tally, settled.reason or "")
            return
        self.open_pages -= fetch.is_page
        if fetch.row is not None:
            if fetch.error is None:
                self._finished(fetch, settled)
            self._count_page(settled, fetch)

    def _count(self, fetch: Fetch, receipt: Receipt) -> None:
        capture, tally = receipt.capture, self._tally
        tally["captures"] += 1
        if capture is None or capture.kind == "failed":
            tally["unanswered"] += 1
        if capture is None or capture.status is None:
            return
        fetch.kept = capture
        tally["bytes"] += capture.payload_length
        if capture.kind != "response":
            tally["revisits"] += 1

    def _count_page(self, settled: FetchResult, fetch: Fetch) -> None:
        """Count a page.

        DONE without a reason is a page that was read; with a reason, a page that does not exist or has moved.
        """
        role, kept = fetch.leased.role, fetch.kept
        if kept is not None and fetch.is_what_was_asked and (200 <= (kept.status or 0) < 300 or kept.status == 304):
            same = _as_before(kept, fetch.capture) and not fetch.fed
            self._tally["unchanged" if same else "new"] += 1
        if kept is not None and kept.truncated == "length":
            self._tally["cut-off"] += 1
        if fetch.verdict is not None and fetch.is_page and settled.state in (State.FAILED, State.DONE):
            self._tally[f"verdict:{fetch.verdict.kind}"] += 1
        if settled.state is State.FAILED:
            self._tally["failures"] += 1
            self._tally["failed-pages"] += role != Role.REQUISITE
        elif settled.state is State.DONE and settled.reason is None:
            self._tally["requisites" if role == Role.REQUISITE else "pages"] += 1


def _as_before(capture: Capture, before: Capture | None) -> bool:
    """Return whether a URL gave the same as last time. A revisit alone may mean that another URL gave the same."""
    return capture.kind == "not-modified" or (before is not None and before.sha256 == capture.sha256)
