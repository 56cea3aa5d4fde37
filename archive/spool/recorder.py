"""The recorder: one thread that writes exchanges to the spool and acknowledges them when they are on disk.

A group is committed at 128 exchanges or 8 MiB, or when the first one has waited 50 ms: one fsync for the records, one
for the journal, then one callback with a receipt for each exchange. The fetcher never waits for this.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Condition, Event, Thread, current_thread
from typing import Any

from archive.spool.entry import Entry, Receipt
from archive.spool.group_commit import GroupCommit, Hooks
from archive.spool.spool import Sealed, Spool
from archive.values.activity import Activity
from archive.values.capture import Capture, Context, Reference
from archive.values.errors import ArchiveError, SpoolFull, WriteFailed
from archive.warc.derived import Derived
from archive.warc.exchange import Exchange
from archive.warc.facts import Urlkey

__all__ = ["Receipt", "Recorder"]

logger = logging.getLogger(__name__)

_GROUP_OCTETS = 8 << 20
_FOREVER = float("inf")


def _opened_for(context: Context) -> Mapping[str, str]:
    """Return the facts of a new segment: it belongs to a collection; each exchange names its own source and run."""
    return {"openedForSource": context.source, "openedForRun": context.run}


def _nothing(*_: object) -> None:
    pass


@dataclass(slots=True)
class _Order:
    """An order to seal after all earlier exchanges have receipts. `collection` None means all collections."""

    after: int
    collection: str | None
    done: Event


class Recorder:
    """Records exchanges in a spool. Any thread except the recorder's own may call `record`, `flush` and `seal`."""

    def __init__(
        self,
        spool: Spool,
        *,
        originals: Callable[[str, Sequence[str]], Mapping[str, Reference]],
        acknowledged: Callable[[Sequence[Receipt]], None],
        marked: Callable[[Sequence[str]], Container[str]] = lambda _: (),
        lost: Callable[[Sequence[Capture]], None] = _nothing,
        opened: Callable[[str, Path, str], None] = _nothing,
        listed: Callable[[str, Path, str], object] = _nothing,
        sealed: Callable[[Sealed], None] = _nothing,
        facts: Callable[[Context], Mapping[str, str]] = _opened_for,
        urlkey: Urlkey | None = None,
        group: int = 128,
        wait: float = 0.05,
        most: int = 4096,
        most_octets: int = 256 << 20,
    ) -> None:
        """Start the recorder's thread, in which all callbacks are called.

        `originals(collection, digests)` finds archived payloads by SHA-256; `marked` returns which of some records
        can't be read any more. `acknowledged` gets a receipt for every exchange; `lost` gets acknowledged captures that
        are gone; `opened(name, path, collection)` and `sealed` get segments; `listed` gets a new one, too: until it has
        listed that in the index, and raised nothing, the segment refers to no other. A backlog of more than `most`
        exchanges or `most_octets` bytes is refused: see `full`.
        """
        self._spool, self._acknowledged = spool, _guarded(acknowledged)
        hooks = Hooks(
            originals,
            marked,
            _guarded(lost),
            _guarded(opened),
            listed,
            _guarded(sealed),
            _guarded(facts, {}),
            urlkey or _urlkey(),
        )
        self._commit = GroupCommit(spool, hooks)
        self._group, self._wait, self._most, self._most_octets = group, wait, most, most_octets
        self.activity = Activity("the recorder")
        self._wake = Condition()
        self._queue: deque[tuple[float, int, Entry]] = deque()
        self._octets = 0
        self._refused: list[object] = []
        self._orders: list[_Order] = []
        self._recorded = self._answered = self._hurry = 0
        self._closing = False
        self._thread = Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def record(self, exchange: Exchange | Derived, context: Context, token: object = None) -> None:
        """Accept an exchange, or what was derived from one; its receipt will have `token`. Returns at once.

        Raises ArchiveError after `close`.

        The recorder takes over a body that is a file, and closes it.
        """
        amount, entry = _size(exchange), Entry(exchange, context, token)
        with self._wake:
            if self._closing:
                raise WriteFailed("the recorder is closed")
            self._recorded += 1
            if self.full or (self._queue and self._octets + amount > self._most_octets):
                self._refused.append(token)
                entry.close()
            else:
                self._queue.append((time.monotonic(), amount, entry))
                self._octets += amount
            if len(self._queue) in {1, self._group} or self._octets >= _GROUP_OCTETS or self._refused:
                self._wake.notify_all()

    @property
    def backlog(self) -> int:
        """The number of exchanges without a receipt."""
        return self._recorded - self._answered

    @property
    def full(self) -> bool:
        """Return whether an exchange would be refused now, with SpoolFull in its receipt.

        Fetching should pause earlier.
        """
        return len(self._queue) >= self._most or self._octets >= self._most_octets

    def flush(self) -> None:
        """Wait until all exchanges recorded so far have receipts."""
        self._check_thread()
        with self._wake:
            target = self._hurry = self._recorded
            self._wake.notify_all()
            self._wake.wait_for(lambda: self._answered >= target)

    def seal(self, collection: str | None = None) -> None:
        """Wait until everything recorded so far is sealed, in one collection or in all."""
        self._check_thread()
        order = _Order(self._recorded, collection, Event())
        with self._wake:
            if self._closing:
                return
            self._hurry = self._recorded
            self._orders.append(order)
            self._wake.notify_all()
        order.done.wait()

    def close(self) -> None:
        """Send all receipts, seal everything, and end the thread. The spool stays locked."""
        self._check_thread()
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        self._thread.join()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_thread(self) -> None:
        if current_thread() is self._thread:
            raise RuntimeError("the recorder's own thread can't wait for itself")

    def _run(self) -> None:
        while True:
            entries, refused = self._next()
            with self.activity.at("writes to the spool"):
                self._turn(entries, refused)
            with self._wake:
                if self._closing and not self._queue and not self._refused:
                    break
        self._safely(self._commit.seal_all)
        for order in self._orders:
            order.done.set()

    def _turn(self, entries: list[Entry], refused: list[object]) -> None:
        receipts = self._write(entries) if entries else []
        for entry in entries:
            entry.close()
        receipts += [Receipt(token, None, SpoolFull("the recorder's backlog is full")) for token in refused]
        self._answer(receipts)
        self._safely(self._commit.seal_due)
        self._obey()

    def _next(self) -> tuple[list[Entry], list[object]]:
        """Wait for a group or an order."""
        with self._wake:
            while (patience := self._patience()) > 0:
                self._wake.wait(patience if patience < _FOREVER else None)
            entries: list[Entry] = []
            amount = 0
            while self._queue and len(entries) < self._group and amount < _GROUP_OCTETS:
                _, size, entry = self._queue.popleft()
                entries.append(entry)
                amount += size
            self._octets -= amount
            refused, self._refused = self._refused, []
            return entries, refused

    def _patience(self) -> float:
        """Return the seconds to wait for more exchanges; 0 if there is something to do."""
        ready = len(self._queue) >= self._group or self._octets >= _GROUP_OCTETS or self._answered < self._hurry
        if ready or self._refused or self._orders or self._closing:
            return 0.0
        until = [self._queue[0][0] + self._wait] if self._queue else []
        if (due := self._commit.next_due()) is not None:
            until.append(due)
        return max(0.0, min(until) - time.monotonic()) if until else _FOREVER

    def _write(self, entries: list[Entry]) -> list[Receipt]:
        try:
            return self._commit.write(entries)
        except Exception as error:
            logger.exception("a group could not be recorded")
            failed: ArchiveError = WriteFailed(f"the exchange could not be recorded: {error}")
            return [Receipt(entry.token, None, failed) for entry in entries]

    def _answer(self, receipts: list[Receipt]) -> None:
        if receipts:
            self._acknowledged(receipts)
        with self._wake:
            self._answered += len(receipts)
            self._wake.notify_all()

    def _obey(self) -> None:
        with self._wake:
            ready = [order for order in self._orders if order.after <= self._answered]
            self._orders = [order for order in self._orders if order.after > self._answered]
        for order in ready:
            one = order.collection
            self._safely(self._commit.seal_all if one is None else partial(self._commit.seal, one))
            order.done.set()

    @staticmethod
    def _safely(act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:
            logger.exception("the recorder continues after an error")


def _size(exchange: Exchange | Derived) -> int:
    if isinstance(exchange, Derived):
        return len(exchange.body)
    response = exchange.response.length + len(exchange.response.head) if exchange.response else len(exchange.received)
    return response + len(exchange.request.head) + len(exchange.request.body)


def _urlkey() -> Urlkey:
    from archive.values.urlkey import urlkey

    return urlkey


def _guarded(call: Callable[..., Any], instead: Any = None) -> Callable[..., Any]:
    """Wrap a callback to log its errors and return `instead`: the recorder's thread must continue."""

    def guarded(*given: Any) -> Any:
        try:
            return call(*given)
        except Exception:
            logger.exception("a callback of the recorder failed")
            return instead

    return guarded
