"""Ship sealed segments, in order, to the store and the index, and remove their local files after a grace period."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Condition, Lock
from time import monotonic
from typing import TYPE_CHECKING

from archive.index.damage import examine
from archive.shipping.delivery import Delivery, Leave, ReadTexts
from archive.shipping.housekeeping import UNFINISHED
from archive.shipping.manifest_chain import Chain
from archive.shipping.shipping_task import ShippingState, ShippingTask, is_its_own, what_waits
from archive.shipping.upload import Configs, Publisher, Sign
from archive.shipping.upload_counts import measured
from archive.spool import release
from archive.spool.sealed import Sealed
from archive.store import ObjectStore
from archive.store.confirm import Verify
from archive.values.activity import Activity
from archive.values.backoff import Backoff
from archive.values.counters import Figures
from archive.values.errors import ArchiveError, IntegrityError, NothingIntact, StoreUnreachable
from archive.values.os_errors import is_full, may_meet_all
from archive.values.wrong_clocks import is_ahead
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.shipping.run_texts import RunTexts

logger = logging.getLogger(__name__)

_LOOK_AGAIN = 60.0
"""Seconds between two checks of the spool's pressure while there is no other task."""
_SWEEP_EVERY = 3600.0
"""Seconds between two clean-ups of the store."""


class Shipper:
    """Ships the segments passed to `add`, in the thread that calls `run`.

    If the store can't be reached, it waits and tries again, at most once per second. A segment that can't be shipped
    for a reason of its own does not stop the others.
    """

    def __init__(
        self,
        store: ObjectStore,
        index: Index,
        read_texts: ReadTexts | Leave,
        *,
        spool: Path,
        now: Callable[[], datetime],
        verify: Verify = "auto",
        grace: timedelta = timedelta(hours=24),
        pressure: Callable[[], float] = lambda: 0.0,
        configs: Configs = lambda _run: None,
        figures: Figures | None = None,
        sign: Sign | None = None,
        run_texts: RunTexts | None = None,
        keeps: bool = False,
    ) -> None:
        """Create a shipper.

        `spool` is the directory of the worker's spool; `pressure` returns the used fraction of it; `configs` returns
        the configuration hash of a run; `figures` counts uploads; `sign` signs manifests; `run_texts` is notified of
        shipped segments. With `keeps`, no local file is ever removed."""
        self._store = store
        self._index = index
        self._spool = spool
        self._now = now
        self._grace = grace
        self._pressure = pressure
        self._figures = figures or Figures()
        self._run_texts = run_texts
        self._keeps = keeps
        publisher = Publisher(store, verify=verify, configs=configs, sign=sign)
        chain = Chain(spool / "chain.json", store, index.manifest_keys)
        self._delivery = Delivery(store, index, read_texts, publisher=publisher, chain=chain, now=now)
        self.activity = Activity("the shipper")
        self._changed = Condition()
        self._waiting: list[ShippingTask] = []
        self._kept: list[ShippingTask] = []
        self._patience = Backoff()
        self._shipped = self._failures = 0
        self._in_vain: list[Exception] = []
        self._busy: ShippingTask | None = None
        self._noting = Lock()
        self._sweep_at = monotonic()
        self._stopping = False

    def add(self, sealed: Sealed) -> None:
        """Ship a segment, or release it if it is already shipped. Any thread may call this; it returns at once."""
        with self._changed:
            self._waiting.append(ShippingTask(sealed))
            self._waiting.sort(key=lambda task: task.order)
            self._changed.notify_all()

    def ship(self, sealed: Sealed) -> Manifest:
        """Ship one segment now, in this thread. Raises ArchiveError."""
        return self._delivery.ship(sealed)

    def run(self) -> None:
        """Ship and release until `stop` is called."""
        try:
            if not self._keeps:
                self._delivery.finish_releases(self._spool)
        except Exception:  # nothing depends on it: the next start tries again
            logger.exception("interrupted releases could not be completed")
        while not self._stopping:
            if not self._turn():
                with self._changed:
                    if not self._stopping:
                        self._changed.wait(self._pause())

    def stop(self) -> None:
        """Make `run` return after its current task. The rest is shipped after the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def drain(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until all added segments are shipped, and return whether they are.

        A full disk ends the wait, since waiting does not help.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or not self._waiting or self._is_full(), timeout)
            return not self._waiting

    def state(self) -> ShippingState:
        with self._changed:
            oldest = self._waiting[0].sealed.first_at if self._waiting else None
            problems = (task.problem for task in (*self._waiting, *self._kept) if task.problem)
            problem, since = next(problems, (None, None))
            return ShippingState(len(self._waiting), oldest, problem, since, self._shipped, self._failures)

    def stuck(self, tries: int) -> Exception | None:
        """Return why nothing is shipped: a disk is full, the store, the database or a disk failed `tries` times in a
        row, or every segment is damaged.
        """
        with self._changed:
            if self._in_vain and (self._is_full() or (self._waiting and len(self._in_vain) >= tries)):
                return self._in_vain[-1]
            errors = [task.error for task in self._waiting]
            return errors[0] if errors and all(errors) else None

    def _is_full(self) -> bool:
        return any(task.full for task in self._waiting)

    def under_way(self) -> str | None:
        """Return the name of the segment that is being shipped now."""
        with self._changed:
            task = self._busy
            return task.sealed.name if task is not None and task in self._waiting else None

    def note_silence(self) -> str | None:
        """Record at the current or next segment that the store does not respond: the thread in `run` can't."""
        with self._noting:
            sentence = self._store.silence(self._now())
            task = self._busy or next(iter(self._waiting), None)
            if sentence is not None and task is not None:
                self._note_problem(task, sentence)
        return sentence

    def _turn(self) -> bool:
        """Do the next task that is due. Return False if there is none."""
        if self._patience.left():
            return False
        if task := next((task for task in self._waiting if not task.patience.left()), None):
            self._ship(task)
        elif task := next((task for task in self._kept if not self._keeps_for(task)), None):
            self._release(task)
        elif self._sweep_at <= monotonic():
            self._abort_unfinished()
        else:
            return False
        return True

    def _pause(self) -> float:
        """Return the seconds until there may be a task."""
        waits = [*(task.patience.left() for task in self._waiting), *(self._keeps_for(task) for task in self._kept)]
        return self._patience.left() or min([_LOOK_AGAIN, *waits])

    def _keeps_for(self, task: ShippingTask) -> float:
        """Return the seconds until a kept task may be released; 0 if it may be now."""
        now = self._now()
        if task.committed_at is None or is_ahead(task.committed_at, now):
            task.committed_at = now
        rest = release.due(task.committed_at, self._grace, self._pressure()) - now
        return max(task.patience.left(), rest.total_seconds())

    def _ship(self, task: ShippingTask) -> None:
        def work() -> None:
            task.committed_at = None if task.again else self._delivery.committed_at(task.sealed)
            if task.committed_at is None:
                with measured(self._figures):
                    task.sealed = self._delivery.sound(task.sealed)
                    self._delivery.ship(task.sealed)
                task.committed_at = self._now()
                self._shipped += 1
                if self._run_texts:
                    self._run_texts.shipped(task.sealed.name)

        error = self._attempt(task, work)
        if error is None:
            task.again = False
            self._move(task, self._waiting, None if self._keeps else self._kept)
        elif isinstance(error, NothingIntact):
            self._move(task, self._waiting, None)

    def _release(self, task: ShippingTask) -> None:
        def work() -> None:
            if self._run_texts:
                self._run_texts.put(task.sealed.name, missing_only=True)
            self._delivery.release(task.sealed)

        error = self._attempt(task, work)
        if error is None:
            self._move(task, self._kept, None)
        elif isinstance(error, IntegrityError):
            task.again = True  # the store has lost or damaged it: ship it again from the local files
            self._move(task, self._kept, self._waiting)

    def _abort_unfinished(self) -> None:
        self._sweep_at = monotonic() + _SWEEP_EVERY
        try:
            self._store.abort_unfinished(self._now() - UNFINISHED)
        except StoreUnreachable:
            self._patience.fail()
        except ArchiveError as error:  # there may be no permission, and nothing depends on it
            logger.info("unfinished uploads could not be swept", extra={"reason": str(error)})

    def _move(self, task: ShippingTask, out: list[ShippingTask], into: list[ShippingTask] | None) -> None:
        with self._changed:
            out.remove(task)
            if into is not None:
                into.append(task)
                into.sort(key=lambda task: task.order)
            self._changed.notify_all()

    def _attempt(self, task: ShippingTask, work: Callable[[], None]) -> Exception | None:
        """Do something that may fail, and return the error, if any."""
        self._busy = task
        try:
            self.activity.doing(f"ships or releases the segment {task.sealed.name}", work)
        except Exception as error:  # an uncaught error would end the thread, and shipping with it
            self._be_idle()
            self._note_failure(task, error)
            return error
        self._be_idle()
        self._patience.succeed()
        task.patience.succeed()
        self._in_vain.clear()
        task.error = None
        task.full = False
        self._note_problem(task, None)
        return None

    def _be_idle(self) -> None:
        """Stop recording silence at the segment, so that it does not overwrite later problems."""
        with self._noting:
            self._busy = None

    def _note_failure(self, task: ShippingTask, error: Exception) -> None:
        if is_its_own(error):  # the next ones wait only if they may meet it, too
            wait = max(task.patience.fail(), self._patience.fail() if may_meet_all(error) else 0)
            task.error = error
        else:
            wait = self._patience.fail()
            self._in_vain.append(error)
        self._failures += 1
        sentence = str(error) if isinstance(error, ArchiveError) else f"{type(error).__name__}: {error}"
        if task.problem is None or task.problem[0] != sentence:
            facts = {"segment": task.sealed.name, "reason": sentence, "wait": round(wait, 1)}
            told = what_waits(error, is_kept=task in self._kept)
            logger.warning(told, extra=facts, exc_info=not isinstance(error, ArchiveError))
            if isinstance(error, IntegrityError):
                examine(self._index, self._store, task.sealed.name)
        task.full = is_full(error) or is_full(error.__cause__)
        self._note_problem(task, sentence)

    def _note_problem(self, task: ShippingTask, sentence: str | None) -> None:
        """Record the current problem of a segment, for `state` and in its row of the index."""
        with self._changed:
            if sentence is None:
                task.problem = None
            else:
                task.problem = sentence, task.problem[1] if task.problem else self._now()
            self._changed.notify_all()
        if task.told != sentence:
            with suppress(Exception):  # the index itself may fail: `state` and the log have the sentence
                self._index.problem(task.sealed.name, sentence)
                task.told = sentence
