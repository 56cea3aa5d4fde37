"""Audit a share of the objects: those found wrong first, then the least recently checked ones; repair what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.index.damage import examine
from archive.index.objects import FIRST, Copy, ObjectRow, Objects
from archive.index.preservation_events import Event, Events
from archive.shipping.emptied import FirstStore, Mount, check_holds_ours
from archive.shipping.fixity.reading import Found, Meter, read_copy
from archive.shipping.fixity.repair import SPOOL, NoHealthyCopy, Repair
from archive.shipping.fixity.share import WHOLE, Share
from archive.shipping.fixity.spool_files import SpoolFiles
from archive.shipping.ledger_parts import is_replaced
from archive.store.replicated import replicas_of
from archive.values.errors import StoreError
from archive.warc.keys import MANIFESTS, WARCS

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.store import ObjectStore

logger = logging.getLogger(__name__)

_RECORDED_AT_ONCE = 200
_SMALL = 1 << 14
"""Counted for an object of unknown size."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The check of one copy."""

    place: str
    name: str
    """The key of an object, or the file of the spool."""
    outcome: str
    """ok, damaged, missing, unreadable"""
    note: str | None = None
    healed_from: str | None = None
    """Where the healthy copy came from, if it was written again."""
    size: int = 0

    @property
    def is_wrong(self) -> bool:
        """Whether it is still wrong."""
        return self.outcome != "ok" and self.healed_from is None


class Audit:
    """Audits the stores of an index, and the spools below a directory."""

    def __init__(
        self,
        index: Index,
        store: ObjectStore,
        *,
        now: Callable[[], datetime],
        meter: Meter | None = None,
        worker: str | None = None,
    ) -> None:
        """Create it. `worker` is the one whose spool this process holds: only its files are written again."""
        self._index, self._store, self._now = index, store, now
        self._meter = meter or Meter()
        self._stores: Mapping[str, ObjectStore] = {FIRST: store, **replicas_of(store)}
        self._objects, self._events = Objects(index.database), Events(index.database)
        self._first = FirstStore(index, store)
        self._repair = Repair(index, self._stores, self._meter)
        self._spool = SpoolFiles(index, self._repair, self._meter, worker)

    @property
    def places(self) -> tuple[str, ...]:
        """The first store, and each replica by its name."""
        return tuple(self._stores)

    def run(
        self,
        share: Share = WHOLE,
        *,
        repair: bool = False,
        refill: str | None = None,
        within: timedelta | None = None,
        places: Iterable[str] | None = None,
    ) -> Iterator[Checked]:
        """Check a share of each place, and yield each check. With `repair`, wrong copies are written again.

        The spool belongs to the first store. What was last read longer than `within` ago is read even beyond the share.
        With `refill` too, the place of this name, which has lost everything, is filled again on whatever disk is there
        now. Raises StoreError, after all places were tried, if one of them does not respond, and Interrupted.
        """
        failures = list[StoreError]()
        chosen = self.places if places is None else tuple(places)
        if FIRST in chosen:
            yield from self._spool_files(repair)
        for place in chosen:
            try:
                yield from self._place(place, share, within, repair=repair, refill=place == refill)
            except StoreError as error:
                logger.warning("a store can't be audited", extra={"place": place, "reason": str(error)})
                self._events.add(Event(self._now(), "fixity check", "fail", f"not checked: {error}", place))
                failures.append(error)
        if failures:
            raise failures[0]

    def _spool_files(self, repair: bool) -> Iterator[Checked]:
        for file in self._spool.check(repair=repair):
            checked = Checked(SPOOL, file.name, file.outcome, file.note, file.healed_from, file.size)
            if checked.outcome != "ok":
                self._record_events(checked)
                examine(self._index, self._store, file.segment)
            yield checked

    def _place(
        self, place: str, share: Share, within: timedelta | None, *, repair: bool, refill: bool
    ) -> Iterator[Checked]:
        if not refill:
            self._check_ours(place)
        elif repair:
            self._begin_again(place)
        if place == FIRST:
            self._objects.note_keys(self._store.keys(), self._now())
        total = self._objects.size(place)
        left = share.of(total)
        late = self._now() - within if within is not None else None
        marked = self._index.damages.segments()
        done, waiting, seen, wrong, healed = 0, list[Copy](), 0, 0, 0
        try:
            for row in self._objects.due(place, self._now()):
                overdue = late is not None and (row.checked_at or row.seen_at) <= late
                if done >= left and not share.is_whole and not overdue and row.outcome in (None, "ok"):
                    break
                checked = self._check(place, row, waiting, repair=repair, refill=refill)
                self._mark(row, checked, marked)
                done += checked.size or row.size or _SMALL
                seen, wrong, healed = seen + 1, wrong + checked.is_wrong, healed + (checked.healed_from is not None)
                if len(waiting) >= _RECORDED_AT_ONCE:
                    self._objects.record(waiting)
                    waiting.clear()
                yield checked
        finally:
            self._objects.record(waiting)
        note = f"objects read: {seen}, bytes: {done}; repaired: {healed}; wrong: {wrong}"
        self._events.add(Event(self._now(), "fixity check", "fail" if wrong else "success", note, place))

    def _check_ours(self, place: str) -> None:
        if place == FIRST:
            self._first.check()
            return
        check_holds_ours(self._index, place, self._stores[place])
        self._mount(place).check()

    def _begin_again(self, place: str) -> None:
        if place == FIRST:
            self._first.begin_again()
        else:
            self._mount(place).forget()

    def _mount(self, place: str) -> Mount:
        return Mount(self._index.database, place, self._stores[place])

    def _check(self, place: str, row: ObjectRow, waiting: list[Copy], *, repair: bool, refill: bool) -> Checked:
        found = read_copy(self._stores[place], row, self._meter)
        if found.outcome != "ok":  # a store may return wrong bytes once, or have gone away
            found = read_copy(self._stores[place], row, self._meter)
            if found.outcome == "missing" and is_replaced(self._stores[FIRST], row.key):
                self._objects.forget([row.key])
                return Checked(place, row.key, "ok", "replaced by another part of the ledger")
            if found.outcome == "missing" and not refill:
                self._check_ours(place)
        self._complete(row, found)
        checked = Checked(place, row.key, found.outcome, found.note, size=found.size or 0)
        if found.outcome != "ok" and repair:
            checked = self._heal(checked, row)
        outcome = "ok" if checked.healed_from else found.outcome
        waiting.append(Copy(row.id, place, self._now(), outcome, checked.note if outcome != "ok" else None))
        if checked.outcome != "ok" and (checked.healed_from or row.outcome != outcome):
            self._record_events(checked)
        return checked

    def _mark(self, row: ObjectRow, checked: Checked, marked: Set[str]) -> None:
        """Have the captures of a segment marked or unmarked, by the one place that decides."""
        if row.segment and row.key.startswith((WARCS, MANIFESTS)):
            suspected = checked.outcome != "ok" or row.outcome not in (None, "ok")
            if suspected or row.segment in marked:
                examine(self._index, self._store, row.segment)

    def _complete(self, row: ObjectRow, found: Found) -> None:
        """Note what only reading shows: size and digest of an object known by its key, the sidecars of a manifest."""
        if found.outcome != "ok" or found.sha256 is None or found.size is None:
            return
        if row.sha256 is None or row.size is None:
            self._objects.complete(row.id, found.sha256, found.size)
            if found.manifest is not None:
                self._objects.note(found.manifest, row.seen_at)

    def _heal(self, checked: Checked, row: ObjectRow) -> Checked:
        try:
            source = self._repair.heal(row, checked.place)
        except NoHealthyCopy as error:
            return replace(checked, note=f"{checked.note}; {error}")
        except StoreError as error:
            return replace(checked, note=f"{checked.note}; it could not be written again: {error}")
        return replace(checked, healed_from=source)

    def _record_events(self, checked: Checked) -> None:
        """Keep the events of a copy that was found wrong: the check, and the repair."""
        at, note = self._now(), checked.note or checked.outcome
        found = [Event(at, "fixity check", "fail", note, checked.place, checked.name)]
        if checked.healed_from:
            healed = f"written again from {checked.healed_from}, and read back"
            found.append(Event(at, "replication", "success", healed, checked.place, checked.name))
            logger.warning(
                "a copy was repaired", extra={"object": checked.name, "place": checked.place, "reason": note}
            )
        else:
            logger.error("a copy is wrong", extra={"object": checked.name, "place": checked.place, "reason": note})
        self._events.add(*found)


def remedy(key: str) -> str:
    """Return what to do about an object without any healthy copy."""
    if key.startswith(WARCS):
        return (
            "the administrator can put a copy of the file back under the same name, or import a copy of it with the "
            "command pressmark ingest"
        )
    if key.startswith("cdxj/"):
        return "the administrator can read the captures from the WARC file again with the command pressmark rebuild"
    if key.startswith("text/"):
        return "the administrator can read the texts again with the command pressmark extract"
    return "the administrator can put a copy of the file back under the same name"
