"""Crawling: the loop of a worker process, and of a command that crawls by itself."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import uvloop

from archive.database.database_name import where
from archive.index.aliases import Aliases
from archive.index.pages import Pages
from archive.values.disk import refusal_of
from archive.values.errors import DatabaseReplaced
from config.settings import Settings
from crawler.frontier.failures import FrontierUnwritable, unwritable
from crawler.policy.backoff import patiently
from crawler.policy.shared import ArchivedBody
from crawler.process import Crawls
from extractor.values.collector import seldom
from pressmark.notify.delivery import Delivery
from pressmark.processes.addon_spools import rescuing
from pressmark.processes.essential import ended, essential
from pressmark.processes.fixity import fixity_threads
from pressmark.processes.halt_notice import HaltNotice
from pressmark.processes.headroom import Headroom, limit_memory
from pressmark.processes.heartbeats import Heartbeats, beating, ending_alone, write_stacks_to
from pressmark.processes.host_turns import sharing_hosts
from pressmark.processes.retrying_loop import listening
from pressmark.processes.stop_signals import ASKED_BY, Stop, Terminated, when_input_ends
from pressmark.processes.worker_crawls import WorkerCrawls, browser_limits, child_limits
from pressmark.processes.worker_threads import WorkerParts, open_worker_parts
from pressmark.processes.write_timeout import Look, WriteTimeout
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.keys import announcing_signer
from pressmark.service.private_files import private_files
from pressmark.service.service import Service
from pressmark.upkeep.qa.background import replay_checks_in_background
from scheduler.ledger.queue import CHANNEL
from scheduler.run import Run, StaleEpoch
from scheduler.workers.dispatch import Dispatch
from scheduler.workers.orders import Orders
from scheduler.workers.worker import Worker

if TYPE_CHECKING:
    from archive.values.capture import Capture

log = logging.getLogger(__name__)

_BEAT, _QUICK_BEAT = timedelta(seconds=2), timedelta(seconds=0.5)
_POLL, _QUICK_POLL = timedelta(seconds=1), timedelta(seconds=0.1)
_SHIPPED_WITHIN = 300.0
"""Seconds that a command waits for the store; the rest is shipped by the next process."""
_TRIES = 3
"""After this many failed tries in a row, the store counts as unable to accept anything now."""


def work(settings: Settings, stop: Stop, ready_fd: int | None = None, *, crawls: bool = True) -> Exit:
    """Crawl the queue until `stop` is requested, or until our input pipe ends. Raises SpoolLocked.

    Without `crawls` it takes no run, and only uploads what the spool has.

    A line goes to `ready_fd` once the spool is locked and recovered, and the queue is checked.
    """
    limit_memory(settings.worker.memory)
    if ready_fd is not None:
        write_stacks_to(ready_fd)  # for a start that hangs: the first beat comes at its end
    after = settings.worker.stalled_after.total_seconds()
    with (
        ending_alone(ready_fd, after),
        private_files(),
        open_pressmark(settings, mending=True) as service,
        open_worker_parts(service) as worker_parts,
        rescuing(service),
        fixity_threads(service),
        replay_checks_in_background(service, browser_limits(settings)) if crawls else nullcontext(),
        beating(ready_fd, after) as beats,
        seldom(),
    ):
        return uvloop.run(_work(service, worker_parts, stop, beats, None if crawls else ()))


def crawl_here(service: Service, runs: Collection[str], looked: Callable[[], Sequence[Run]]) -> Exception | None:
    """Crawl these runs in this process, and have their captures sealed and shipped; `looked` looks them up.

    Returns why the store refused, if known. Raises SpoolLocked when another process crawls here, the error of what
    can't be written when that lasts (SpoolFull, DatabaseUnusable, FrontierUnwritable, StoreError), DatabaseReplaced,
    KeyboardInterrupt, and Terminated.
    """
    after = service.settings.worker.stalled_after.total_seconds()
    with (
        open_worker_parts(service, shipped_within=_SHIPPED_WITHIN) as worker_parts,
        beating(None, after) as beats,
        seldom(),
    ):
        asked_by = uvloop.run(_crawl(service, worker_parts, runs, looked, beats))
    Delivery(service).deliver()
    if asked_by is not None:
        raise Terminated if asked_by == signal.SIGTERM else KeyboardInterrupt
    return next(iter(worker_parts.unshipped), None)


async def _work(
    service: Service, worker_parts: WorkerParts, stop: Stop, beats: Heartbeats, only: Collection[str] | None = None
) -> Exit:
    worker, crawls = _worker(service, worker_parts, only=only, beat=_BEAT, poll=_POLL)
    when_input_ends(worker.stop, worker.wake)  # the service writes when its clock has queued runs
    stop.then(lambda _: worker.stop())
    headroom = _headroom(service, worker_parts, worker, crawls)
    looking = essential(headroom.run(), worker.stop)
    alive = essential(_beat(beats, service, worker_parts, worker, crawls), worker.stop)
    try:
        with listening(
            service.database, CHANNEL, partial(asyncio.get_running_loop().call_soon_threadsafe, worker.wake)
        ):
            async with _sharing(service, worker_parts, worker, crawls):
                await worker.run()
    except StaleEpoch as error:
        log.warning("this worker was considered dead and is replaced", extra={"reason": str(error)})
        return Exit.TEMPORARY
    finally:
        await ended(looking, alive)
    otherwise = Exit.TEMPORARY if headroom.outgrown else Exit.OK
    return Exit.DATABASE if headroom.trouble else otherwise


async def _crawl(
    service: Service,
    worker_parts: WorkerParts,
    runs: Collection[str],
    looked: Callable[[], Sequence[Run]],
    beats: Heartbeats,
) -> signal.Signals | None:
    """Crawl; return the signal that interrupted it."""
    worker, crawls = _worker(service, worker_parts, only=runs, beat=_QUICK_BEAT, poll=_QUICK_POLL)
    heard: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        heard.append(number)
        worker.stop()

    for number in ASKED_BY:
        asyncio.get_running_loop().add_signal_handler(number, interrupt, number)
    headroom = _headroom(service, worker_parts, worker, crawls)
    write_timeout = WriteTimeout(_checks(service, worker_parts, worker, crawls), worker.stop)
    looking = essential(headroom.run(), worker.stop)
    alive = essential(_beat(beats, service, worker_parts, worker, crawls), worker.stop)
    waiting = essential(_stop_when_over(worker, looked), worker.stop)
    patient = essential(write_timeout.run(), worker.stop)
    try:
        async with _sharing(service, worker_parts, worker, crawls):
            await worker.run()
    finally:
        await ended(looking, waiting, alive, patient)
    if write_timeout.reason is not None:
        raise write_timeout.reason
    if headroom.trouble:
        raise DatabaseReplaced(where(service.database.engine.url), headroom.trouble)
    return next(iter(heard), None)


def _sharing(
    service: Service, worker_parts: WorkerParts, worker: Worker, crawls: Crawls
) -> AbstractAsyncContextManager[None]:
    name = service.settings.worker.name
    return sharing_hosts(service.database, name, worker_parts.epoch, crawls.politeness, worker.stop)


def _checks(service: Service, worker_parts: WorkerParts, worker: Worker, crawls: Crawls) -> list[Look]:
    """Return what a command waits for: each says why it can't write."""

    def store() -> Exception | None:
        return worker_parts.shipper.stuck(_TRIES) if worker_parts.spool.state() != "ok" else None

    return [
        worker_parts.spool.refusal,
        lambda: worker_parts.indexer.problem,
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


async def _beat(beats: Heartbeats, service: Service, worker_parts: WorkerParts, worker: Worker, crawls: Crawls) -> None:
    parts = (
        worker.activity,
        worker_parts.recorder.activity,
        worker_parts.indexer.activity,
        worker_parts.shipper.activity,
    )
    await beats.run(service.settings.worker.stalled_after.total_seconds(), parts, crawls.ending)


def _headroom(service: Service, worker_parts: WorkerParts, worker: Worker, crawls: Crawls) -> Headroom:
    return Headroom(
        worker_parts.spool,
        crawls,
        limit=service.settings.worker.memory,
        stop=worker.stop,
        heed=worker_parts.shipper.note_silence,
        halt_notice=HaltNotice(service, worker_parts.epoch),
        trouble=service.database.trouble,
    )


def _worker(
    service: Service,
    worker_parts: WorkerParts,
    *,
    only: Collection[str] | None = None,
    beat: timedelta,
    poll: timedelta,
) -> tuple[Worker, Crawls]:
    settings = service.settings

    def reread(capture: Capture) -> ArchivedBody:
        with service.archive.open(capture) as found:
            return ArchivedBody(found.payload().body, found.content_type)

    def no_room() -> str | None:
        if worker_parts.spool.state() != "ok":
            return worker_parts.spool.pressure()
        refused = _refusing_frontiers(service)
        return str(refused) if refused else crawls.held_back

    crawls = Crawls(
        recorder=worker_parts.recorder,
        index=service.index,
        now=worker_parts.spool.now,
        reread=reread,
        memory=Pages(service.database),
        addresses=Aliases(service.database),
        figures=service.figures,
        browser=browser_limits(settings),
        child=child_limits(settings),
        lost=service.index.damages.marked,
    )
    worker_parts.hearing.append(crawls.acknowledged)
    orders = Orders(
        service.sources,
        settings.home,
        settings.permissions,
        contact=settings.contact,
        user_agent=settings.user_agent,
        use=settings.use,
        signer=announcing_signer(settings, service.database, service.now),
    )
    own = service.own_sources if service.database.is_shared else None
    crawling = WorkerCrawls(crawls, worker_parts, orders, service.items, service.database)
    worker = Worker(
        service.runs,
        Dispatch(service.runs, held_back=no_room, only=only, known=own),
        crawling.order,
        crawling,
        name=settings.worker.name,
        epoch=worker_parts.epoch,
        parallel=settings.worker.runs,
        beat=min(beat, settings.worker.lease / 6),
        poll=poll,
    )
    return worker, crawls
