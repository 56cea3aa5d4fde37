"""The crawls of a worker: a run is over once the index has its captures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from archive.database.engine import Database
from archive.index.run_captures import tallied
from archive.shipping.items import Items
from archive.spool.unanswered import unanswered_in
from archive.values.errors import DatabaseUnusable
from config.settings import Settings
from crawler.policy.order import Order, Outcome
from crawler.policy.shared import BrowserLimits, ChildLimits
from crawler.process import Crawls
from crawler.userspiders.ledger import directory_of
from pressmark.processes.worker_threads import WorkerParts
from scheduler.run import Run
from scheduler.workers.orders import Orders

_log = logging.getLogger(__name__)

_INDEXED_WITHIN, _INDEXED_AT_STOP = 30.0, 3.0
"""Seconds that a finished run waits for the index. What the index lacks then comes from recovery."""


class WorkerCrawls:
    """The crawls of a worker.

    A run is over once the index has its captures; those that a person requested are sealed then.
    """

    def __init__(
        self, crawls: Crawls, worker_parts: WorkerParts, orders: Orders, items: Items, database: Database
    ) -> None:
        self._crawls = crawls
        self._database = database
        self._items = items
        self._worker_parts = worker_parts
        self._orders = orders
        self._asked_for: set[str] = set()
        self._unsettled: set[str] = set()
        """Runs whose captures the index may lack."""
        self._indexed_within = _INDEXED_WITHIN

    def order(self, run: Run) -> Order:
        if run.tick is None:
            self._asked_for.add(run.id)
        return self._orders.order(run)

    async def crawl(self, order: Order, progress: Callable[[Outcome], None]) -> Outcome:
        self._unsettled.add(order.run)
        resumes = order.frontier.exists() or directory_of(order.frontier).exists()
        try:
            outcome = await self._crawls.crawl(order, progress)
            await asyncio.to_thread(self._finish, order)
            if resumes:
                outcome = await asyncio.to_thread(self._recounted, order.run, outcome)
        finally:
            self._unsettled.discard(order.run)
        return outcome

    def cancel(self, run: str, reason: str) -> None:
        self._crawls.cancel(run, reason)

    async def stop(self) -> None:
        self._indexed_within = _INDEXED_AT_STOP
        await self._crawls.stop()

    def _finish(self, order: Order) -> None:
        self._worker_parts.indexer.flush(self._indexed_within)
        if order.source.spider:
            # Behind the index of captures, which says when each item's page was captured.
            self._items.ship(but=frozenset(self._unsettled) - {order.run})
        if order.run in self._asked_for:
            self._asked_for.discard(order.run)
            self._worker_parts.recorder.seal(order.source.keep.collection)
            # a caller that waits for the store checks there what is sealed
            self._worker_parts.indexer.flush(self._indexed_within)

    def _recounted(self, run: str, outcome: Outcome) -> Outcome:
        """Return the outcome of a resumed run with what index and spool have: a kill takes the counts not yet saved.

        If the database does not answer, the outcome stays as it is: its frontier is deleted, so the run would begin
        again from its seeds.
        """
        try:
            there = tallied(self._database, run)
        except DatabaseUnusable as error:
            _log.warning("the captures of a resumed run could not be counted", extra={"run": run, "reason": str(error)})
            return outcome
        unanswered = max(outcome.unanswered, unanswered_in(self._worker_parts.spool.directory, run))
        return replace(
            outcome,
            captures=max(outcome.captures, there.captures + unanswered),
            unanswered=unanswered,
            revisits=max(outcome.revisits, there.revisits),
            bytes=max(outcome.bytes, there.bytes),
        )


def browser_limits(settings: Settings) -> BrowserLimits:
    """Return what the settings allow a page in the browser."""
    browser = settings.browser
    return BrowserLimits(
        program=browser.executable,
        seconds=browser.timeout.total_seconds(),
        requests=browser.requests,
        bytes=browser.bytes,
        blocked=browser.blocked_hosts,
        memory=browser.memory,
        cpu=browser.cpu.total_seconds(),
        picture=browser.picture,
        scripts=str(browser.scripts or ""),
    )


def child_limits(settings: Settings) -> ChildLimits:
    """Return what the settings allow the processes of users' spiders."""
    worker = settings.worker
    return ChildLimits(worker.memory, worker.stalled_after.total_seconds(), worker.confine_spiders, worker.scrapy)
