"""One run of a user's spider, in the worker: its child, its limits, and how it ends."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from scrapy.exceptions import NotSupported

from archive.values.errors import ArchiveError
from config.duration import duration_in_words
from config.values.secret import Secret
from crawler.engine.direct_requests import DirectRequests, page_counts
from crawler.frontier.failures import FrontierUnwritable, continues
from crawler.policy.order import Ending, Order, Outcome
from crawler.policy.run_limits import byte_limit, page_limit
from crawler.policy.shared import Parts
from crawler.userspiders.child_exit import ChildExit, ended
from crawler.userspiders.counts import counts_before, write_counts
from crawler.userspiders.item_file import ItemFile
from crawler.userspiders.ledger import delete, directory_of, ledger_in, prepare, read_tally
from crawler.userspiders.messages import answer_of, error_of, request_of
from crawler.userspiders.process import SpiderProcess
from crawler.wire.incoming import ON_DISK

_log = logging.getLogger(__name__)
_LOOK = 0.5
_BEFORE_IT_ASKS = 10
"""The factor by which its event loop may be blocked longer while it is imported."""
_CLOSE_SECONDS = 10.0
"""Seconds that a spider has to close itself before it is killed."""


class SpiderRun:
    """The state of one run, in the event loop of the worker."""

    def __init__(self, order: Order, parts: Parts, progress: Callable[[Outcome], None]) -> None:
        """Set up the run. Raises SecretNotFound."""
        self.over = asyncio.Event()
        self.refusal: Exception | None = None
        """What interrupted the run: a disk or a database that accepts nothing now."""
        self.told: str | None = None
        """Why it was asked to end."""
        self.crawled = False
        self._order, self._parts, self._progress = order, parts, progress
        self._arguments = {
            name: order.permissions.reveal(value) if isinstance(value, str | Secret) else value
            for name, value in order.source.arguments.items()
        }
        self._asking = DirectRequests(order, parts, lambda reason: self.end("failed", reason, 0.0))
        self._directory = directory_of(order.frontier)
        self._ledger = ledger_in(self._directory)
        self._items = ItemFile(order.items, self._ledger, self._asking.log) if order.items else None
        self._tally_file = order.frontier.with_suffix(".tally")
        self._before: Counter[str] = Counter()
        """The counts of earlier processes of the run."""
        self._spiders: Counter[str] = Counter()
        """The counts of the spider's own ledger."""
        self._waiting = 0
        self._has_asked = False
        """Whether it has started: before that, it is imported."""
        self._ending: Ending | None = None
        self._leaves = asyncio.Event()
        """Set when the worker stops: then the run waits for nothing."""
        self._end_told = ChildExit()
        self._process: SpiderProcess | None = None
        self._asks: set[asyncio.Task[None]] = set()
        self._timers: list[asyncio.Task[None]] = []

    @property
    def problem(self) -> FrontierUnwritable | None:
        """Why the items of the run can't be written; None when they can, or before its end."""
        return self._items.problem if self._items else None

    def wake(self) -> None:
        """Do nothing: paused requests check by themselves."""

    def end(self, ending: Ending, reason: str, grace: float) -> None:
        """Start nothing more, and kill the spider if it does not close itself.

        An interrupted spider is killed at once: its requests in progress are made again.
        """
        if ending == "interrupted":
            self._leaves.set()
        if self.told:
            return
        self.told, self._ending = reason, ending
        for task in self._asks:
            task.cancel()
        if self._process is not None:
            self._process.send({"close": ending})
        seconds = 0.0 if ending == "interrupted" else max(grace, _CLOSE_SECONDS)
        self._timers.append(asyncio.ensure_future(self._kill_in(seconds)))

    async def run(self) -> Outcome:
        order, limit = self._order, self._order.source.limits.time
        prepare(self._directory, former=order.frontier)
        self._before = counts_before(self._tally_file, self._ledger)
        began = asyncio.get_running_loop().time()
        try:
            process = self._process = await SpiderProcess.start(
                self._parts.child.memory, order.frontier.with_suffix(".said")
            )
            process.send(self._instructions())
            if self.told:  # while the child was being started
                await process.end()
            self._timers.append(asyncio.ensure_future(self._watch(process)))
            if limit is not None:
                left = max(limit.total_seconds() - self._before["seconds"], 0.0)
                self._timers.append(asyncio.ensure_future(self._limit_time(left, duration_in_words(limit))))
            await self._receive(process)
            await process.wait()
            if not self._end_told.over and not self.told:
                self._end_told.died = self._end_told.died or process.obituary()
            self._end_told.left = await process.end()
        except asyncio.CancelledError:
            self.told, self._ending = "the crawling process is stopping", "interrupted"
            if self._process is not None:
                await self._process.end()
            raise
        finally:
            self.crawled = True
            for task in (*self._timers, *self._asks):
                task.cancel()
            await asyncio.gather(*self._timers, *self._asks, return_exceptions=True)
            try:
                await self._asking.close()
                self._asking.tally["seconds"] += round(asyncio.get_running_loop().time() - began)
                self._spiders |= read_tally(self._ledger)  # what was not saved counts too
                if self._ending != "interrupted":
                    await self._write_items()
                outcome = self._close()
            finally:
                self.over.set()  # who stops the worker waits for it
        return outcome

    def _instructions(self) -> dict[str, Any]:
        source, politeness = self._order.source, self._order.source.politeness
        return {
            "source": source.name,
            "spider": source.spider,
            "arguments": self._arguments,
            "scrapy": {**self._parts.child.scrapy, **source.scrapy},
            "identity": self._asking.identity,
            "concurrency": politeness.concurrency,
            "retries": politeness.retries,
            "timeout": politeness.timeout.total_seconds(),
            "directory": str(self._order.spiders or self._order.frontier.parent),
            "ledger": str(self._ledger),
            "counted": self._before,
            "scratch": str(self._directory),
            "confined": self._parts.child.confined,
        }

    async def _receive(self, process: SpiderProcess) -> None:
        while not self._end_told.over and (found := await process.next()) is not None:
            head, body = found
            match head["kind"]:
                case "ask":
                    self._has_asked = True
                    task = asyncio.ensure_future(self._fetch(process, head, body))
                    self._asks.add(task)
                    task.add_done_callback(self._asks.discard)
                case "event":
                    self._asking.log.event(head["name"], **head["facts"])
                case "stands":
                    self._spiders, self._waiting = Counter(head["tally"]), head["waiting"]
                    self._write_counts()
                case "refused":
                    self._refuse(FrontierUnwritable(head["reason"], lasts=head["lasts"]))
                case "over":
                    self._spiders = Counter(head["tally"])
                    self._end_told.over = True
                    self._end_told.closed, self._end_told.stats = head["reason"], head["stats"]
                    self._end_told.notes = head["notes"]
                case "unusable":
                    self._end_told.over = True
                    self._end_told.unusable = head["reason"]
                    self._asking.log.event("spider-unusable", reason=head["reason"], traceback=head["traceback"])

    async def _fetch(self, process: SpiderProcess, head: dict[str, Any], body: bytes) -> None:
        """Fetch for the spider. A fetch cut off by the end of the run is reported as failed and does not count."""
        number = {"to": head["id"]}
        try:
            if self.told or self._limited():
                raise RuntimeError("the run ends")
            response, captures, seconds = await self._asking.answer(request_of(head, body))
            if ON_DISK in response.flags:
                large = NotSupported(f"{head['url']} is archived, but too large to pass to a spider")
                process.send(number | error_of(large) | {"counted": page_counts(response, captures)})
                return
            process.send(number | answer_of(response, captures, seconds), response.body)
        except asyncio.CancelledError:
            process.send(number | {"error": "DownloadFailedError", "reason": "the run ends"})
            raise
        except Exception as error:
            if continues(error):
                self._refuse(error)
            elif isinstance(error, ArchiveError):
                self.end("failed", str(error), 0.0)
            self._write_counts()  # the index has no exchange without a response: a kill must not take its count
            process.send(number | error_of(error))

    def _limited(self) -> bool:
        limits, counted = self._order.source.limits, self._counted()
        if limit := page_limit(limits, counted["pages"]) or byte_limit(limits, counted["bytes"]):
            self.end("limited", limit, 0.0)
        return self.told is not None

    def _counted(self) -> Counter[str]:
        return self._before + self._asking.tally

    async def _watch(self, process: SpiderProcess) -> None:
        """Report its state, and kill a spider that blocks its event loop."""
        loop, stalled = asyncio.get_running_loop(), self._parts.child.stalled_after
        while True:
            self._progress(self._outcome(None, ""))
            await asyncio.sleep(_LOOK)
            if process.is_gone:
                await asyncio.sleep(_LOOK)  # its last messages are on the way
                process.hang_up()
                return
            patience = stalled if self._has_asked else stalled * _BEFORE_IT_ASKS
            if stalled and loop.time() - process.heard_at > patience and not self.told:
                place = await process.place()
                where = f", at {place}" if place else ""
                reason = f"the spider blocked its event loop for {patience:g} seconds{where}"
                self._asking.log.event("spider-stalled", reason=reason)
                self._end_told.died = reason
                await process.end()
                return

    async def _limit_time(self, seconds: float, limit: str) -> None:
        await asyncio.sleep(seconds)
        self.end("limited", f"the time limit of {limit} was reached", 0.0)

    async def _kill_in(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if self._process is not None:
            await self._process.end()

    def _outcome(self, ending: Ending | None, reason: str) -> Outcome:
        counted, spiders = self._counted(), self._spiders
        return Outcome(
            pages=counted["pages"],
            captures=counted["captures"],
            revisits=counted["revisits"],
            failures=spiders["failures"],
            bytes=counted["bytes"],
            queued=self._waiting,
            tasks={"pending": self._waiting, "done": spiders["over"]},
            unanswered=counted["unanswered"],
            outcome=ending or "running",
            reason=reason,
            dropped={name[8:]: count for name, count in counted.items() if name.startswith("dropped:")},
            spider={"items": spiders["items"], "stats": dict(self._end_told.stats)},
        )

    def _close(self) -> Outcome:
        order, log = self._order, self._asking.log
        ending, reason = self._ending, self.told or ""
        if ending is None:
            ending, reason = ended(self._counted(), self._spiders, self._end_told, self._asking.reserved_by)
        if self._end_told.left:
            log.event("left-processes", reason="the spider left processes behind; they were killed")
            reason += "; the spider left processes behind; they were killed"
        outcome = self._outcome(ending, reason)
        self._write_counts()
        if ending != "interrupted":
            for file in (self._tally_file, order.frontier.with_suffix(".said")):
                file.unlink(missing_ok=True)
            delete(self._directory)
        log.event("over", outcome=ending, reason=reason, dropped=outcome.dropped, items=self._spiders["items"])
        log.close()
        self._progress(outcome)
        return outcome

    def _refuse(self, error: Exception) -> None:
        """End the run, because its disk or a database refuses; it continues when that has ended, unless that lasts."""
        if not continues(error):
            self.end("failed", str(error), 0.0)
        elif not self.told:
            self.refusal = error
            self.end("interrupted", str(error), 0.0)

    def _write_counts(self) -> None:
        """Write the counts, if the disk accepts them: they are not worth ending the run for."""
        with suppress(OSError):
            write_counts(self._tally_file, self._counted())

    async def _write_items(self) -> None:
        """Write the items to their file, to be put in the store. A run that can't is interrupted with its worker."""
        if self._items is not None and self._spiders["items"] and not await self._items.write(self._leaves):
            self.told, self._ending = str(self._items.problem), "interrupted"
