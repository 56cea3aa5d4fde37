"""Threads of the worker: they audit a share of each store on the timetable, and fill replicas."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

from archive.index.objects import FIRST, Objects
from archive.shipping.emptied import StoreEmptied
from archive.shipping.fixity.reading import Interrupted, Meter
from archive.shipping.fixity.replicas import Cursor, Filler
from archive.shipping.ledger_parts import delete_replaced
from archive.store.replicated import replicas_of
from pressmark.processes.retrying_loop import RetryingLoop
from pressmark.service.access.purges import carry_on_purges
from pressmark.service.service import Service
from pressmark.service.threads import in_thread
from pressmark.upkeep import fixity
from pressmark.upkeep.litter import clear_litter

log = logging.getLogger(__name__)

_LOOK_EVERY = 60.0
_FILL_EVERY = 2.0
_CHECK_EVERY = 60.0
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
        for place in (FIRST, *replicas_of(service.store)):
            auditing, thread = AuditLoop(service, place), "auditor" if place == FIRST else f"auditor {place}"
            stack.enter_context(in_thread(thread, auditing.run, auditing.stop, ends_within=_ENDS_WITHIN))
        yield


class _Loop(RetryingLoop):
    """A loop that gives way to all other work of the machine."""

    interruptions = (Interrupted,)

    def __init__(self, service: Service, *, longest: float) -> None:
        super().__init__(longest=longest)
        self._service = service

    def run(self) -> None:
        """Work until `stop` is called, which takes effect after the block that is being read."""
        with suppress(OSError, AttributeError):  # of this thread alone, and only where the system can
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        super().run()

    def meter(self) -> Meter:
        return Meter(self._service.settings.audit.rate, wait=self._stopped.wait, stopped=self._stopped.is_set)


class AuditLoop(_Loop):
    """Audits a share of a place whenever it is due. The one of the first store also clears litter."""

    what = "the archive can't be audited"

    def __init__(self, service: Service, place: str = FIRST) -> None:
        super().__init__(service, longest=3600)
        if place != FIRST:
            self.what = f"the replica {place} can't be audited"
        self._place = place
        self._cleared = -_CLEAR_EVERY

    def turn(self) -> float:
        if self._place == FIRST and time.monotonic() - self._cleared >= _CLEAR_EVERY:
            self._cleared = time.monotonic()
            clear_litter(self._service)
            carry_on_purges(self._service)
        if self._service.settings.audit.every:
            fixity.begin(self._service)
            due = fixity.next_audit(self._service, self._place)
            if due is not None and due <= self._service.now():
                self._audit()
        return _LOOK_EVERY

    def note(self, problem: str | None) -> None:
        fixity.note_problem(self._service.database, problem, self._place)

    def _audit(self) -> None:
        service, settings = self._service, self._service.settings
        share = fixity.share_named(settings.audit.share)
        period = fixity.period_of(settings, Objects(service.database).size(self._place))
        checked = fixity.audit_share(
            service,
            share,
            repair=settings.audit.repair,
            meter=self.meter(),
            worker=settings.worker.name,
            within=max(timedelta(0), period - settings.audit.every),
            places=(self._place,),
        )
        copies = sum(1 for _ in checked)
        log.info("a share of the archive was audited", extra={"place": self._place, "copies": copies})


class ReplicaLoop(_Loop):
    """Fills one replica: at once with new objects, and every hour with whatever else it lacks."""

    def __init__(self, service: Service, name: str) -> None:
        super().__init__(service, longest=60)
        self.what = f"the replica {name} can't be filled"
        self._name = name
        self._objects, self._cursor = Objects(service.database), Cursor(service.database, name)
        self._filler = Filler(
            service.index, service.store, name, now=service.now, meter=self.meter(), verify=service.settings.s3.verify
        )
        self._listed, self._checked = -_LIST_EVERY, -_CHECK_EVERY

    def turn(self) -> float:
        try:
            self._fill()
        except StoreEmptied as error:
            fixity.note_emptied(self._service.database, self._name, error.why)
            raise
        fixity.note_emptied(self._service.database, self._name, None)
        return _FILL_EVERY

    def _fill(self) -> None:
        again = time.monotonic() - self._listed >= _LIST_EVERY
        if time.monotonic() - self._checked >= _CHECK_EVERY:
            self._filler.check()
            self._checked = time.monotonic()
        lags = self._objects.newest() > self._cursor.get()
        if again:
            self._filler.list_again()
        if again or lags:
            for _ in self._filler.fill(again=again):
                pass
        if again:
            delete_replaced(replicas_of(self._service.store)[self._name], self._service.store)
            self._listed = time.monotonic()

    def note(self, problem: str | None) -> None:
        fixity.note_replica_problem(self._service.database, self._name, problem)
