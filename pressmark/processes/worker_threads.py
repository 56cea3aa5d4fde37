"""The parts of a worker, joined: a locked and recovered spool, and the threads that record, index and ship."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname
from time import monotonic

from archive.index.damage import examine_unshipped
from archive.shipping.delivery import Leave
from archive.shipping.run_texts import RunTexts
from archive.shipping.shipper import Shipper
from archive.spool.recorder import Receipt, Recorder
from archive.spool.recovery import Recovered, recover
from archive.spool.sealed import spools_in
from archive.spool.spool import Spool
from archive.values.capture import Context
from archive.values.errors import StoreUnreachable
from pressmark.processes.cores import one_core
from pressmark.processes.index_repair import IndexRepair
from pressmark.processes.indexer import Indexer
from pressmark.processes.ledger_writer import LedgerWriter
from pressmark.processes.recovered.files import adding_recovered
from pressmark.processes.timestamping import Timestamping
from pressmark.service.index_state import IndexState, write_state
from pressmark.service.readers import reader_of, reading_jobs
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.upkeep.ledger.decisions_back import try_to_note_purges
from scheduler.run import UnknownRun

log = logging.getLogger(__name__)

_INDEXED_WITHIN = 10.0
_SHIPPED_WITHIN = 10.0
_LOOK_EVERY = 1.0
_TRIES = 3
"""Consecutive failures of the store that show that it accepts nothing now: about 10 seconds."""
_SILENT_LOOKS = 10
"""The same for checks, one a second, of a store that has not answered for some seconds."""
_THREADS_END_WITHIN = 3.0
_NOTED_WITHIN = 10.0
_BEATS = 6
"""How often within a lease it is renewed."""

Facts = Callable[[Context], Mapping[str, str]]
"""What the warcinfo of a segment says of the exchange that it was opened for."""


@dataclass(slots=True)
class WorkerParts:
    """A worker's parts while they run."""

    epoch: int
    spool: Spool
    recorder: Recorder
    indexer: Indexer
    shipper: Shipper
    recovered: Recovered
    hearing: list[Callable[[Sequence[Receipt]], None]]
    """Who else gets the receipts: the crawls."""
    unshipped: list[Exception]
    """At the end: why the store refused what was sealed, if known."""


@contextmanager
def open_worker_parts(
    service: Service,
    *,
    shipped_within: float = _SHIPPED_WITHIN,
    healing: bool = True,
    saving: bool = True,
    facts: Facts | None = None,
    directory: Path | None = None,
    adopting: bool = False,
) -> Iterator[WorkerParts]:
    """Lock the spool, recover it, and start the threads.

    At the end everything is sealed, and shipped as far as possible within that many seconds. With `healing`, the index
    is compared with the store meanwhile; with `saving`, the ledger is saved in it. `facts` returns what a warcinfo
    says; None: what the sources say. `directory` is that of another spool than the worker's own. `adopting`: it is
    that of another machine. No file of it is removed, it gets no ballast, and the end waits as long as a segment is
    being shipped. Raises SpoolLocked, WorkerNameTaken and SpoolInUse among them.
    """
    settings = service.settings
    with ExitStack() as stack:
        spool = _spool(service, directory or settings.spool_path, ballast=0 if adopting else settings.spool.ballast)
        stack.callback(spool.close)
        spool.epoch = epoch = service.epochs.begin(settings.worker.name, host=gethostname(), spool=spool.id)
        stack.callback(service.epochs.end, epoch)
        if adopting:
            stack.enter_context(_renewing(service, epoch))
        _clear_lost(service)
        # the runs of the epoch that ended: without a service there is no clock to take them back
        service.runs.recover()
        recovered = recover(spool.directory, now=service.now)
        spool.now.not_before(recovered.last_at)
        _log_recovery(recovered)
        if recovered.lost:
            service.index.damages.lose(recovered.lost)
        reader = reader_of(service.settings)
        stack.callback(reader.close)
        shipper = Shipper(
            service.store,
            service.index,
            reader.read_texts if settings.worker.reads_texts else Leave(reading_jobs(service).add_unread),
            spool=spool.directory,
            now=service.now,
            verify=settings.s3.verify,
            grace=settings.spool.grace,
            pressure=spool.fraction,
            configs=partial(_config_of, service),
            figures=service.figures,
            sign=service.keys.sign,
            run_texts=RunTexts(service.database, service.store, new=settings.reading.run_texts),
            keeps=adopting,
        )

        def stop_shipping() -> None:
            shipper.stop()
            reader.close()  # a page being read delays nobody: its segment waits for the next start

        stack.enter_context(in_thread("shipper", shipper.run, stop_shipping, ends_within=_THREADS_END_WITHIN))
        if saving:
            writer = LedgerWriter(service)
            stack.callback(lambda: None if unshipped else writer.finish())  # a store that refuses is not asked again
            stack.enter_context(in_thread("ledger", writer.run, writer.stop, ends_within=_THREADS_END_WITHIN))
        if saving and settings.timestamps.server is not None:
            stamping = Timestamping(service)
            stack.enter_context(in_thread("timestamps", stamping.run, stamping.stop, ends_within=_THREADS_END_WITHIN))
        unshipped: list[Exception] = []
        stack.callback(lambda: unshipped.extend(_see_shipped(shipper, shipped_within, patient=adopting)))
        stack.enter_context(one_core(settings.worker.one_core))
        indexer = Indexer(service.index, opened=_opener(service, epoch), sealed=shipper.add)
        stack.enter_context(in_thread("indexer", indexer.run, indexer.stop, ends_within=_THREADS_END_WITHIN))
        stack.callback(indexer.flush, shipped_within if adopting else _INDEXED_WITHIN)
        stack.enter_context(adding_recovered(service, indexer, spool.directory, adopting=adopting))
        indexer.then(lambda: service.index.forget_empty(settings.worker.name, before=epoch))
        indexer.then(lambda: examine_unshipped(service.index, service.store, spools_in(settings.home)))
        if healing:
            try_to_note_purges(service, _NOTED_WITHIN)  # before a crawl refers to what is gone
            heal = IndexRepair(service)
            stack.enter_context(in_thread("healing", heal.run, heal.stop, ends_within=_THREADS_END_WITHIN))
        hearing: list[Callable[[Sequence[Receipt]], None]] = []
        recorder = _recorder(service, spool, indexer, hearing, facts or partial(_facts, service))
        stack.callback(recorder.close)
        yield WorkerParts(epoch, spool, recorder, indexer, shipper, recovered, hearing, unshipped)


@contextmanager
def _renewing(service: Service, epoch: int) -> Iterator[None]:
    """Renew the lease of a worker that has no beats."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(service.epochs.lease.total_seconds() / _BEATS):
            try:
                service.epochs.beat(epoch)
            except Exception:
                log.exception("the lease of this process could not be renewed")

    with in_thread("lease", run, over.set, ends_within=_THREADS_END_WITHIN):
        yield


def _see_shipped(shipper: Shipper, within: float, *, patient: bool) -> Iterator[Exception]:
    """Wait until all is shipped, for at most that many seconds, and not for a store that refuses.

    Return why it does. With `patient`, the seconds count from the last look at which a segment was being shipped.
    """
    until = monotonic() + within
    silent = 0
    while (left := until - monotonic()) > 0 and not shipper.drain(min(left, _LOOK_EVERY)):
        sentence = shipper.note_silence()
        silent = silent + 1 if sentence else 0
        error = StoreUnreachable(sentence) if sentence and silent >= _SILENT_LOOKS else shipper.stuck(_TRIES)
        if error is not None:
            yield error
            return
        if patient and shipper.under_way() is not None:
            until = monotonic() + within
    if (segment := shipper.under_way()) is not None:
        log.warning("a segment could not be shipped in time; the next start ships it", extra={"segment": segment})


def _clear_lost(service: Service) -> None:
    """Clear the index if rows of it were deleted: the spool and the store fill it again."""
    if (tables := service.index.clear_lost()) is not None:
        write_state(service.database, IndexState())
        log.error("rows of the index were deleted; the worker restarts", extra={"tables": tables})


def _config_of(service: Service, run: str) -> str | None:
    """Return the configuration of a run; None when the ledger does not know it, as after a lost database."""
    try:
        return service.runs.get(run).config_hash
    except UnknownRun:
        return None


def _spool(service: Service, directory: Path, *, ballast: int) -> Spool:
    settings = service.settings
    return Spool(
        directory,
        worker=settings.worker.name,
        epoch=0,  # the epoch begins once the lock is held: that ends the one before it
        now=service.now,
        seal_bytes=settings.spool.seal_bytes,
        seal_after=settings.spool.seal_after,
        budget=settings.spool.budget,
        ballast=ballast,
    )


def _recorder(
    service: Service,
    spool: Spool,
    indexer: Indexer,
    hearing: list[Callable[[Sequence[Receipt]], None]],
    facts: Facts,
) -> Recorder:
    def acknowledged(receipts: Sequence[Receipt]) -> None:
        indexer.add([receipt.capture for receipt in receipts if receipt.capture])
        for hear in hearing:
            hear(receipts)

    return Recorder(
        spool,
        originals=service.index.originals,
        marked=service.index.damages.marked,
        lost=lambda captures: indexer.then(partial(service.index.damages.lose, captures)),
        acknowledged=acknowledged,
        opened=indexer.opened,
        listed=_opener(service, spool.epoch) if service.database.is_shared else lambda *_: None,
        sealed=indexer.sealed,
        facts=facts,
    )


def _facts(service: Service, context: Context) -> dict[str, str]:
    """Return what the warcinfo of a segment says of the exchange that it was opened for."""
    source = service.sources.good.get(context.source)
    robots = source.politeness.robots if source else "obey"
    return {"openedForSource": context.source, "openedForRun": context.run, "robots": robots}


def _opener(service: Service, epoch: int) -> Callable[[str, Path, str], None]:
    def opened(name: str, path: Path, collection: str) -> None:
        worker = service.settings.worker.name
        service.index.opened(name, collection=collection, worker=worker, epoch=epoch, path=path, at=service.now())

    return opened


def _log_recovery(recovered: Recovered) -> None:
    if recovered.segments or recovered.quarantined:
        counted = {name: len(getattr(recovered, name)) for name in ("segments", "quarantined", "captures")}
        log.info("the spool was recovered", extra=counted)
    for path in recovered.quarantined:
        log.info("torn or damaged bytes of a segment are in %s: see docs/operations/backup.md", path)
    if recovered.clock_suspect:
        log.warning("the clock is behind the latest capture", extra={"kept": str(recovered.last_at)})
    if recovered.lost:
        log.error("acknowledged captures are lost", extra={"lost": len(recovered.lost)})
