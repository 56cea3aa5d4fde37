"""The clock of the service: APScheduler in its event loop, with one job that asks what is due.

Slots and runs are our own rows, not jobs of APScheduler: with two processes its job stores run a slot twice, and they
run a daily 02:30 twice in the night when summer time ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from archive.values.errors import DatabaseUnusable
from config.load import Sources
from scheduler.events import Events
from scheduler.ledger.runs import Runs
from scheduler.timekeeper import Timekeeper

_log = logging.getLogger(__name__)
POLL = timedelta(seconds=1)
"""The time between two looks for due ticks."""
KEEP_HOUSE = timedelta(seconds=4)
"""The time between two looks for changed files of sources."""
_PRUNE = timedelta(days=1)
"""The time between two deletions of old events."""
_LOOKED_AT = 2_500
"""Source files that are checked at each housekeeping: about 10 ms of CPU."""


class _Poll(BaseTrigger):  # type: ignore[misc]
    """Fires again the same time after it has fired, and at the next tick if that is sooner.

    APScheduler's interval trigger counts through every missed firing: a machine that slept for a month would count two
    million of them on waking, in the event loop.
    """

    def __init__(self, every: timedelta, next_tick: Callable[[], timedelta]) -> None:
        """`next_tick` returns the time until the next tick; one that is not above 0 is being processed, or failed."""
        self._every, self._next_tick = every, next_tick

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        if previous_fire_time is None:
            return now
        wait = self._next_tick()
        return now + (wait if timedelta() < wait < self._every else self._every)


class Clock:
    """Strikes every second and at each tick, reads the sources again every few seconds, and takes back the runs of dead
    workers.
    """

    def __init__(
        self,
        timekeeper: Timekeeper,
        sources: Sources,
        runs: Runs,
        events: Events,
        *,
        now: Callable[[], datetime],
        poll: timedelta = POLL,
        keep_house: timedelta = KEEP_HOUSE,
        queued: Callable[[], object] = lambda: None,
    ) -> None:
        """`queued` is called in the event loop when a strike has queued runs."""
        self._timekeeper = timekeeper
        self._sources = sources
        self._runs = runs
        self._events = events
        self._now = now
        self._queued = queued
        self._keep_house_every = keep_house
        # A semaphore reports itself locked while a caller waits; a lock does not, and a strike would queue behind it.
        self._one_at_a_time = asyncio.Semaphore(1)
        self._latest = self._pruned_at = now()
        self._followed = -1
        self._house: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        # A late strike still runs (misfire_grace_time), and one strike handles all that was missed (coalesce).
        settings = {"misfire_grace_time": None, "coalesce": True, "max_instances": 2}
        self._job = self._scheduler.add_job(self._process_due, _Poll(poll, timekeeper.wait), **settings)
        self.problem: str | None = None
        """Why the last strike failed, as a sentence; None when it did not fail."""

    async def start(self) -> None:
        """Follow the current sources, and strike from now on."""
        await self._in_thread(self._follow)
        self._scheduler.start()
        self._house = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        """Stop striking. No strike is in progress when this returns."""
        self._scheduler.pause()
        async with self._one_at_a_time:  # nothing is cancelled in the middle of a transaction
            await asyncio.sleep(0)  # strikes called before the pause find that they may no longer run
            self._scheduler.shutdown(wait=False)
            if self._house is not None:
                self._house.cancel()
                with suppress(asyncio.CancelledError):
                    await self._house

    async def _process_due(self) -> None:
        if self._one_at_a_time.locked():
            return
        if await self._in_thread(self._timekeeper.process_due):
            self._queued()

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(self._keep_house_every.total_seconds())
            try:
                self._notice_a_clock_set_back()
            except Exception as error:
                self._report(error)
            await self._in_thread(self._clean_up)

    def _notice_a_clock_set_back(self) -> None:
        """Handle a clock that was set back: APScheduler would sleep until the old time comes round again."""
        now = self._now()
        if now < self._latest:
            _log.warning("the clock was set back by %s", self._latest - now)
            self._job.modify(next_run_time=datetime.now(UTC))
        self._latest = now

    def _clean_up(self) -> None:
        self._sources.poll(_LOOKED_AT)
        if self._followed != self._sources.version:
            self._follow()
        self._runs.recover()
        now = self._now()
        if abs(now - self._pruned_at) > _PRUNE:
            self._events.prune(now)
            self._pruned_at = now

    def _follow(self) -> None:
        version = self._sources.version
        self._timekeeper.follow(self._sources.outlines(), complete=not self._sources.errors)
        self._followed = version

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        """Run one piece of work at a time, in a thread, and return its result. A failure is logged and retried at the
        next strike.
        """
        async with self._one_at_a_time:
            try:
                done = await asyncio.to_thread(work)
                self.problem = None
                return done
            except DatabaseUnusable as error:
                self.problem = str(error)
                _log.warning("the scheduler clock failed: %s", error)
            except Exception as error:
                self._report(error)
        return None

    def _report(self, error: Exception) -> None:
        self.problem = f"{type(error).__name__}: {error}"
        _log.error("the scheduler clock failed", exc_info=error)
