"""Threads of the worker: one audits a share of what is stored on the timetable, the others fill replicas."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

from archive.index.objects import Objects
from archive.shipping.fixity.reading import Interrupted, Meter
from archive.shipping.fixity.replicas import Cursor, Filler
from archive.store.replicated import replicas_of
from archive.values.backoff import Backoff
from archive.values.errors import ArchiveError
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.upkeep import fixity
from pressmark.upkeep.litter import clear_litter

log = logging.getLogger(__name__)

_LOOK_EVERY = 60.0
_FILL_EVERY = 2.0
_LIST_EVERY = 3600.0
_CLEAR_EVERY = 3600.0
_NICE = 10
_ENDS_WITHIN = 3.0


@contextmanager
def fixity_threads(service: Service) -> Iterator[None]:
    """Audit, fill replicas and clear litter in threads of their own. The caller holds the spool."""
    with ExitStack() as stack:
        for name in replicas_of(service.store):
            filling = ReplicaLoop(service, name)
            stack.enter_context(in_thread(f"replica {name}", filling.run, filling.stop, ends_within=_ENDS_WITHIN))
        auditing = AuditLoop(service)
        stack.enter_context(in_thread("auditor", auditing.run, auditing.stop, ends_within=_ENDS_WITHIN))
        yield


class _Loop:
    """Repeats something until it is stopped. A failure is logged once, and retried later and later."""

    def __init__(self, service: Service, what: str, *, longest: float) -> None:
        self._service, self._what = service, what
        self._stopped = threading.Event()
        self._patience = Backoff(most=longest)
        self._problem: str | None = ""
        """What was last noted; unknown at first."""

    def run(self) -> None:
        with suppress(OSError, AttributeError):  # of this thread alone, and only where the system can
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        while not self._stopped.is_set():
            self._stopped.wait(self._turn())

    def stop(self) -> None:
        """Make `run` return after the block that is being read."""
        self._stopped.set()

    def _turn(self) -> float:
        try:
            wait = self.turn()
        except Interrupted:
            return 0.0
        except Exception as error:  # a thread that ends would check nothing more
            sentence = str(error) if isinstance(error, ArchiveError) else f"{type(error).__name__}: {error}"
            if sentence != self._problem and not self._stopped.is_set():
                log.warning(self._what, extra={"reason": sentence}, exc_info=not isinstance(error, ArchiveError))
                self._tell(sentence)
            return self._patience.fail()
        self._patience.succeed()
        if self._problem is not None:
            self._tell(None)
        return wait

    def _tell(self, sentence: str | None) -> None:
        self._problem = sentence
        with suppress(ArchiveError):
            self.note(sentence)

    def turn(self) -> float:
        """Do it once, and return the seconds until the next time."""
        raise NotImplementedError

    def note(self, problem: str | None) -> None:
        """Note why it does not work, for other processes."""

    def meter(self) -> Meter:
        return Meter(self._service.settings.audit.rate, wait=self._stopped.wait, stopped=self._stopped.is_set)


class AuditLoop(_Loop):
    """Audits a share whenever it is due, and clears litter."""

    def __init__(self, service: Service) -> None:
        super().__init__(service, "the archive can't be audited", longest=3600)
        self._cleared = -_CLEAR_EVERY

    def turn(self) -> float:
        if time.monotonic() - self._cleared >= _CLEAR_EVERY:
            self._cleared = time.monotonic()
            clear_litter(self._service)
        if self._service.settings.audit.every:
            fixity.begin(self._service)
            due = fixity.next_audit(self._service)
            if due is not None and due <= self._service.now():
                self._audit()
        return _LOOK_EVERY

    def note(self, problem: str | None) -> None:
        fixity.note_problem(self._service.database, problem)

    def _audit(self) -> None:
        service, settings = self._service, self._service.settings
        share = fixity.share_named(settings.audit.share)
        period = fixity.period_of(settings, Objects(service.database).size("store"))
        within = max(timedelta(0), period - settings.audit.every)
        checked = fixity.audit_share(
            service, share, repair=settings.audit.repair, meter=self.meter(), worker=settings.worker.name, within=within
        )
        copies = sum(1 for _ in checked)
        log.info("a share of the archive was audited", extra={"copies": copies})


class ReplicaLoop(_Loop):
    """Fills one replica: at once with new objects, and every hour with whatever else it lacks."""

    def __init__(self, service: Service, name: str) -> None:
        super().__init__(service, f"the replica {name} can't be filled", longest=60)
        self._name = name
        self._objects, self._cursor = Objects(service.database), Cursor(service.database, name)
        self._filler = Filler(
            service.index, service.store, name, now=service.now, meter=self.meter(), verify=service.settings.s3.verify
        )
        self._listed = -_LIST_EVERY

    def turn(self) -> float:
        again = time.monotonic() - self._listed >= _LIST_EVERY
        if again:
            self._filler.list_again()
        if again or self._objects.newest() > self._cursor.get():
            for _ in self._filler.fill(again=again):
                pass
        if again:
            self._listed = time.monotonic()
        return _FILL_EVERY

    def note(self, problem: str | None) -> None:
        fixity.note_replica_problem(self._service.database, self._name, problem)
