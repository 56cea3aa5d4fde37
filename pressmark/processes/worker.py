"""Crawling: the loop of a worker process, and of a command that crawls by itself."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import uvloop

from archive.database.database_name import where
from archive.index.aliases import Aliases
from archive.index.pages import Pages
from archive.shipping.items import Items
from archive.values.disk import refusal_of
from archive.values.errors import DatabaseReplaced
from config.settings import Settings
from crawler.frontier.failures import FrontierUnwritable, unwritable
from crawler.policy.backoff import patiently
from crawler.policy.order import Order, Outcome
from crawler.policy.shared import ChildLimits
from crawler.process import Crawls
from extractor.values.collector import seldom
from pressmark.notify.delivery import Delivery
from pressmark.processes.essential import ended, essential
from pressmark.processes.fixity import fixity_threads
from pressmark.processes.halt_notice import HaltNotice
from pressmark.processes.headroom import Headroom, limit_memory
from pressmark.processes.heartbeats import Heartbeats, beating, write_stacks_to
from pressmark.processes.spools import rescuing
from pressmark.processes.stop_signals import ASKED_BY, Stop, Terminated
from pressmark.processes.worker_threads import WorkerParts, open_works
from pressmark.processes.write_timeout import Look, WriteTimeout
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.private_files import private_files
from pressmark.service.service import Service
from scheduler.dispatch import Dispatch
from scheduler.orders import Orders
from scheduler.run import Run, StaleEpoch
from scheduler.worker import Worker

if TYPE_CHECKING:
    from archive.values.capture import Capture

log = logging.getLogger(__name__)

_BEAT, _QUICK_BEAT = timedelta(seconds=2), timedelta(seconds=0.5)
_POLL, _QUICK_POLL = timedelta(seconds=1), timedelta(seconds=0.1)
_INDEXED_WITHIN, _INDEXED_AT_STOP = 30.0, 3.0
"""Seconds that a finished run waits for the index. What the index lacks then comes from recovery."""
_SHIPPED_WITHIN = 300.0
"""Seconds that a command waits for the store; the rest is shipped by the next process."""
_TRIES = 3
"""After this many failed tries in a row, the store counts as unable to accept anything now."""


def work(settings: Settings, stop: Stop, ready_fd: int | None = None) -> Exit:
    """Crawl the queue until `stop` is requested, or until our input pipe ends. Raises SpoolLocked.

    A line goes to `ready_fd` once the spool is locked and recovered, and the queue is checked.
    """
    limit_memory(settings.worker.memory)
    if ready_fd is not None:
        write_stacks_to(ready_fd)  # for a start that hangs: the first beat comes at its end
    after = settings.worker.stalled_after.total_seconds()
    with (
        private_files(),
        open_pressmark(settings, mending=True) as service,
        open_works(service) as works,
        rescuing(service),
        fixity_threads(service),
        beating(ready_fd, after) as beats,
        seldom(),
    ):
        return uvloop.run(_work(service, works, stop, beats))


def crawl_here(service: Service, runs: Collection[str], looked: Callable[[], Sequence[Run]]) -> Exception | None:
    """Crawl these runs in this process, and have their captures sealed and shipped; `looked` looks them up.

    Returns why the store refused, if known. Raises SpoolLocked when another process crawls here, the error of what
    can't be written when that lasts (SpoolFull, DatabaseUnusable, FrontierUnwritable, StoreError), DatabaseReplaced,
    KeyboardInterrupt, and Terminated.
    """
    after = service.settings.worker.stalled_after.total_seconds()
    with open_works(service, shipped_within=_SHIPPED_WITHIN) as works, beating(None, after) as beats, seldom():
        asked_by = uvloop.run(_crawl(service, works, runs, looked, beats))
    Delivery(service).deliver()
    if asked_by is not None:
        raise Terminated if asked_by == signal.SIGTERM else KeyboardInterrupt
    return next(iter(works.unshipped), None)


async def _work(service: Service, works: WorkerParts, stop: Stop, beats: Heartbeats) -> Exit:
    worker, crawls = _worker(service, works, beat=_BEAT, poll=_POLL)
    _stop_with_parent(worker)
    stop.then(lambda _: worker.stop())
    headroom = _headroom(service, works, worker, crawls)
    looking = essential(headroom.run(), worker.stop)
    alive = essential(_beat(beats, service, works, worker, crawls), worker.stop)
    try:
        await worker.run()
    except StaleEpoch as error:
        log.warning("this worker was considered dead and is replaced", extra={"reason": str(error)})
        return Exit.TEMPORARY
    finally:
        await ended(looking, alive)
    if headroom.trouble:
        return Exit.DATABASE
    return Exit.TEMPORARY if headroom.outgrown else Exit.OK


async def _crawl(
    service: Service, works: WorkerParts, runs: Collection[str], looked: Callable[[], Sequence[Run]], beats: Heartbeats
) -> signal.Signals | None:
    """Crawl; return the signal that interrupted it."""
    worker, crawls = _worker(service, works, only=runs, beat=_QUICK_BEAT, poll=_QUICK_POLL)
    heard: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        heard.append(number)
        worker.stop()

    for number in ASKED_BY:
        asyncio.get_running_loop().add_signal_handler(number, interrupt, number)
    headroom = _headroom(service, works, worker, crawls)
    giving_up = WriteTimeout(_looks(service, works, worker, crawls), worker.stop)
    looking = essential(headroom.run(), worker.stop)
    alive = essential(_beat(beats, service, works, worker, crawls), worker.stop)
    waiting = essential(_stop_when_over(worker, looked), worker.stop)
    patient = essential(giving_up.run(), worker.stop)
    try:
        await worker.run()
    finally:
        await ended(looking, waiting, alive, patient)
    if giving_up.reason is not None:
        raise giving_up.reason
    if headroom.trouble:
        raise DatabaseReplaced(where(service.database.engine.url), headroom.trouble)
    return next(iter(heard), None)


def _looks(service: Service, works: WorkerParts, worker: Worker, crawls: Crawls) -> list[Look]:
    """Return what a command waits for: each says why it can't write."""

    def store() -> Exception | None:
        return works.shipper.stuck(_TRIES) if works.spool.state() != "ok" else None

    return [
        works.spool.refusal,
        lambda: works.indexer.problem,
        lambda: worker.problem,
        lambda: crawls.problem,
        lambda: _refusing_frontiers(service),
        store,
    ]


def _refusing_frontiers(service: Service) -> FrontierUnwritable | None:
    """Return why no frontier can be made; None if one can. Without one, a run would fail at once."""
    frontiers = service.settings.home / "frontiers"
    refused = refusal_of(frontiers)
    return unwritable(frontiers, refused) if refused else None


async def _stop_when_over(worker: Worker, looked: Callable[[], Sequence[Run]]) -> None:
    while not all(run.status == "over" for run in await patiently(partial(asyncio.to_thread, looked))):
        await asyncio.sleep(_QUICK_BEAT.total_seconds())
    worker.stop()


async def _beat(beats: Heartbeats, service: Service, works: WorkerParts, worker: Worker, crawls: Crawls) -> None:
    parts = (worker.activity, works.recorder.activity, works.indexer.activity, works.shipper.activity)
    await beats.run(service.settings.worker.stalled_after.total_seconds(), parts, crawls.ending)


def _headroom(service: Service, works: WorkerParts, worker: Worker, crawls: Crawls) -> Headroom:
    return Headroom(
        works.spool,
        crawls,
        limit=service.settings.worker.memory,
        stop=worker.stop,
        heed=works.shipper.heed_silence,
        halting=HaltNotice(service, works.epoch),
        trouble=service.database.trouble,
    )


def _worker(
    service: Service, works: WorkerParts, *, only: Collection[str] | None = None, beat: timedelta, poll: timedelta
) -> tuple[Worker, Crawls]:
    settings = service.settings

    def reread(capture: Capture) -> bytes | None:
        with service.archive.open(capture) as found:
            return found.payload().body

    def no_room() -> str | None:
        if works.spool.state() != "ok":
            return works.spool.pressure()
        refused = _refusing_frontiers(service)
        return str(refused) if refused else crawls.held_back

    crawls = Crawls(
        recorder=works.recorder,
        index=service.index,
        now=works.spool.now,
        reread=reread,
        memory=Pages(service.database),
        addresses=Aliases(service.database),
        figures=service.figures,
        child=ChildLimits(settings.worker.memory, settings.worker.stalled_after.total_seconds()),
    )
    works.hearing.append(crawls.acknowledged)
    orders = Orders(
        service.sources,
        settings.home,
        settings.permissions,
        contact=settings.contact,
        user_agent=settings.user_agent,
    )
    crawling = _WorkerCrawls(crawls, works, orders, service.items)
    worker = Worker(
        service.runs,
        Dispatch(service.runs, held_back=no_room, only=only),
        crawling.order,
        crawling,
        name=settings.worker.name,
        epoch=works.epoch,
        parallel=settings.worker.runs,
        beat=min(beat, settings.worker.lease / 6),
        poll=poll,
    )
    return worker, crawls


class _WorkerCrawls:
    """The crawls of a worker.

    A run is over once the index has its captures; those that a person requested are sealed then.
    """

    def __init__(self, crawls: Crawls, works: WorkerParts, orders: Orders, items: Items) -> None:
        self._crawls = crawls
        self._items = items
        self._works = works
        self._orders = orders
        self._asked_for: set[str] = set()
        self._indexed_within = _INDEXED_WITHIN

    def order(self, run: Run) -> Order:
        if run.tick is None:
            self._asked_for.add(run.id)
        return self._orders.order(run)

    async def crawl(self, order: Order, progress: Callable[[Outcome], None]) -> Outcome:
        outcome = await self._crawls.crawl(order, progress)
        await asyncio.to_thread(self._settle, order)
        return outcome

    def cancel(self, run: str, reason: str) -> None:
        self._crawls.cancel(run, reason)

    async def stop(self) -> None:
        self._indexed_within = _INDEXED_AT_STOP
        await self._crawls.stop()

    def _settle(self, order: Order) -> None:
        self._works.indexer.flush(self._indexed_within)
        if order.source.spider:
            self._items.ship()  # behind the index of captures, which says when each item's page was captured
        if order.run in self._asked_for:
            self._asked_for.discard(order.run)
            self._works.recorder.seal(order.source.keep.collection)
            # a caller that waits for the store checks there what is sealed
            self._works.indexer.flush(self._indexed_within)


def _stop_with_parent(worker: Worker) -> None:
    """Stop when our input ends: the service holds its other end and writes nothing, so then the service has ended.

    An event loop makes that input from a pair of sockets, a shell from a pipe; a terminal or a file does not count.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        loop = asyncio.get_running_loop()

        def ended() -> None:
            if not os.read(sys.stdin.fileno(), 1024):
                loop.remove_reader(sys.stdin.fileno())
                worker.stop()

        loop.add_reader(sys.stdin.fileno(), ended)
