"""All the crawls of a worker process, in its one event loop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING

from archive.values.capture import Capture
from archive.values.counters import Figures
from config.errors import ConfigError
from crawler.frontier.failures import FrontierUnwritable, continues, unwritable
from crawler.frontier.page_fetch import Fetch
from crawler.policy.order import Order, Outcome
from crawler.policy.politeness import Politeness
from crawler.policy.revisit import Addresses, Captures, Memory
from crawler.policy.shared import ArchivedBody, BrowserLimits, ChildLimits, Lost, Parts, Receipt, Recorder
from crawler.run.interruptions import Interruptions
from crawler.wire.guard import Resolver

if TYPE_CHECKING:
    from crawler.engine.active_run import ActiveRun, Progress
    from crawler.mail.run import MailRun
    from crawler.userspiders.run import SpiderRun

    AnyRun = ActiveRun | SpiderRun | MailRun

_log = logging.getLogger(__name__)
_CANCEL_GRACE = 0.5
"""Seconds that downloads in progress may still take when a run is cancelled."""
_STOP_GRACE = 3.0
"""Seconds that downloads in progress may still take when the process stops."""


class Crawls:
    """Runs crawls. Concurrent crawls share the limits of a host and the rules of robots.txt.

    Everything but `acknowledged` must be called in the thread of the event loop.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        index: Captures,
        now: Callable[[], datetime],
        reread: Callable[[Capture], ArchivedBody | None] | None = None,
        memory: Memory | None = None,
        addresses: Addresses | None = None,
        resolver: Resolver | None = None,
        backoff: float = 2.0,
        figures: Figures | None = None,
        child: ChildLimits | None = None,
        browser: BrowserLimits | None = None,
        lost: Lost = lambda _: (),
    ) -> None:
        """Set up.

        `reread`, `memory`, `addresses`, `figures` and `lost` are explained in `Parts`; `backoff` is the seconds before
        the first retry; `child` limits the processes of users' spiders, `browser` the browsers of runs.
        """
        _quieten()
        counted = figures or Figures()
        self._parts = Parts(recorder, index, now, reread, memory, addresses, resolver, backoff, figures=counted)
        self._parts.child = child or ChildLimits()
        self._parts.browser = browser or BrowserLimits()
        self._parts.lost = lost
        self._running: dict[str, AnyRun] = {}
        self._loaded = False
        """Whether Scrapy and the kinds of walk are loaded, which take 40 MB: a worker without a run needs neither."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._interruptions = Interruptions()

    async def crawl(self, order: Order, progress: Progress = lambda _: None) -> Outcome:
        """Crawl a source to its end. The outcome reports errors of the run, too."""
        self._loop = asyncio.get_running_loop()
        if self._stopping:
            return Outcome(outcome="interrupted", reason="the crawling process is stopping")
        try:
            running = await self._set_up(order, progress)
        except ConfigError as error:
            return Outcome(outcome="failed", reason=str(error))
        except Exception as error:
            return self._not_started(order, error)
        self._running[order.run] = running
        if self._stopping:  # since it was set up
            self._interrupt(running)
        self._interruptions.started()
        try:
            outcome = await running.run()
        except Exception as error:
            if not continues(error):
                raise
            _log.warning("the run %s is interrupted: %s", order.run, error)
            self._interruptions.ended(error)
            return Outcome(outcome="interrupted", reason=str(error))
        finally:
            del self._running[order.run]
        self._interruptions.ended(running.refusal)
        return outcome

    async def _set_up(self, order: Order, progress: Progress) -> AnyRun:
        if not self._loaded:  # in a thread: other runs continue
            for module in ("crawler.engine.active_run", "crawler.userspiders.run", "crawler.mail.run"):
                await asyncio.to_thread(import_module, module)
            self._loaded = True
        from crawler.engine.active_run import ActiveRun
        from crawler.mail.run import MailRun
        from crawler.userspiders.run import SpiderRun

        if order.source.spider and not order.urls:
            return SpiderRun(order, self._parts, progress)
        if order.source.imap and not order.urls:
            return MailRun(order, self._parts, progress)
        return await ActiveRun.opened(order, self._parts, progress)

    def _interrupt(self, running: AnyRun) -> None:
        running.end("interrupted", "the crawling process is stopping", _STOP_GRACE)

    def _not_started(self, order: Order, error: Exception) -> Outcome:
        if isinstance(error, sqlite3.OperationalError):
            error = unwritable(order.frontier, error)
        waits = continues(error)
        self._interruptions.ended(error if waits else None)
        if not isinstance(error, FrontierUnwritable):
            _log.error("the run %s could not be started", order.run, exc_info=error)
            return Outcome(
                outcome="interrupted" if waits else "failed", reason=f"the run could not be started: {error}"
            )
        return Outcome(outcome="interrupted" if waits else "failed", reason=str(error))

    def cancel(self, run: str, reason: str) -> None:
        """End a run within seconds; acknowledged exchanges stay."""
        if running := self._running.get(run):
            running.end("cancelled", reason, _CANCEL_GRACE)

    async def stop(self) -> None:
        """Interrupt all runs, and return when they are over; they resume when they are ordered again."""
        self._stopping = True
        running = list(self._running.values())
        for one in running:
            self._interrupt(one)
        await asyncio.gather(*(one.over.wait() for one in running))

    def ending(self) -> dict[str, str]:
        """Return the runs that were asked to end and whose crawl is still active, with the reasons."""
        return {run: one.told for run, one in self._running.items() if one.told and not one.crawled}

    @property
    def politeness(self) -> Politeness:
        """The hosts that the crawls visit."""
        return self._parts.politeness

    @property
    def problem(self) -> Exception | None:
        """Why the frontier of a run can't be written, or could not be just now; None when all can."""
        problems = (problem for one in self._running.values() if (problem := one.problem))
        return next(problems, None) or self._interruptions.latest

    @property
    def held_back(self) -> str | None:
        """Why no run should start now: the disk interrupted one a moment ago; None when one may. Any thread may ask."""
        return self._interruptions.held_back

    def pause(self, reason: str) -> None:
        """Fetch nothing more until `resume`: the spool is filling up."""
        self._parts.paused = reason

    def resume(self) -> None:
        self._parts.paused = None
        for running in self._running.values():
            running.wake()

    def acknowledged(self, receipts: Sequence[Receipt]) -> None:
        """Take the receipts of a group commit.

        May be called from any thread; the event loop is notified once per group.
        """
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._handle_receipts, receipts)

    def _handle_receipts(self, receipts: Sequence[Receipt]) -> None:
        touched = {}
        for receipt in receipts:
            if isinstance(receipt.token, Fetch):
                result_writer = receipt.token.result_writer
                touched[id(result_writer)] = result_writer
                try:
                    result_writer.acknowledged(receipt.token, receipt)
                except Exception as error:  # the loop would log it, and the other runs would miss their receipts
                    result_writer.failed(error)
        for result_writer in touched.values():
            result_writer.commit()


def _quieten() -> None:
    """Set the level of Scrapy's loggers: a DEBUG record is built for every page if any handler would accept it."""
    for name in ("scrapy", "protego"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)
