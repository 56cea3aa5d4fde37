"""A worker on a ledger, with crawls that end when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from services.ledgers import Ledger

from crawler.policy.order import Order, Outcome
from scheduler.run import Run
from scheduler.workers.dispatch import Dispatch
from scheduler.workers.orders import Orders
from scheduler.workers.worker import Worker

SOON = timedelta(milliseconds=10)


def story(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run a coroutine as a test."""

    def told(ledger: Ledger, orders: Orders) -> None:
        asyncio.run(test(ledger, orders, Crawls()))

    told.__name__, told.__doc__ = test.__name__, test.__doc__
    return told


def outcome_of(ledger: Ledger, run: Run) -> tuple[str | None, str | None]:
    found = ledger.runs.get(run.id)
    return found.outcome, found.reason


@dataclass
class Crawls:
    """Crawls that wait to be ended by a test, by cancel or by stop."""

    orders: list[Order] = field(default_factory=list)
    ends: dict[str, asyncio.Future[Outcome]] = field(default_factory=dict)
    progress: dict[str, Callable[[Outcome], None]] = field(default_factory=dict)
    most_at_once: int = 0

    async def crawl(self, order: Order, progress: Callable[[Outcome], None]) -> Outcome:
        self.orders.append(order)
        self.progress[order.source.name] = progress
        self.ends[order.run] = asyncio.get_running_loop().create_future()
        self.most_at_once = max(self.most_at_once, len(self.ends))
        try:
            return await self.ends[order.run]
        finally:
            del self.ends[order.run]

    def cancel(self, run: str, reason: str) -> None:
        self._end(run, Outcome(outcome="cancelled", reason=reason))

    async def stop(self) -> None:
        for run in list(self.ends):
            self._end(
                run, Outcome(outcome="interrupted", reason="the crawling process is stopping", captures=1, queued=4)
            )

    def over(self, source: str, outcome: Outcome | Exception) -> None:
        run = next(order.run for order in reversed(self.orders) if order.source.name == source)
        self._end(run, outcome)

    def _end(self, run: str, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            self.ends[run].set_exception(outcome)
        elif not self.ends[run].done():
            self.ends[run].set_result(outcome)


@asynccontextmanager
async def working(ledger: Ledger, orders: Orders, crawls: Crawls, **more: Any) -> AsyncIterator[Worker]:
    """Run a worker, stopped at the end."""
    dispatch = more.pop("dispatch", Dispatch(ledger.runs))
    epoch = ledger.epochs.begin("main")
    worker = Worker(ledger.runs, dispatch, orders.order, crawls, name="main", epoch=epoch, poll=SOON, beat=SOON, **more)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        async with asyncio.timeout(30):
            await task
