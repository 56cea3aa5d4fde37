"""Purges: the bytes of what was taken down are deleted for good."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.purges.given_up import files_back
from archive.index.purges.locks import Lock, purging
from archive.index.purges.older import captures_before
from archive.index.purges.purged_marks import BEGUN, LEFT, purged_among
from archive.spool.sealed import spools_in
from archive.values.capture import BESIDE_PAGE, Capture, page_of
from archive.values.errors import IntegrityError, PurgeRefused, PurgeUnderWay
from archive.values.urlkey import urlkey
from config.duration import format_duration
from pressmark.service.access.files_back import end_files_back
from pressmark.service.access.holds import holds_of
from pressmark.service.access.purged_exports import delete_exports_of
from pressmark.service.access.purged_since import BOUNDS, ORDERS, RETENTION
from pressmark.service.access.unread_decisions import UnreadDecisions
from scheduler.ledger.take_downs import TakeDown, TakeDowns, UnknownTakeDown

if TYPE_CHECKING:
    from archive.index.months.rewriting import RewriteTable
    from archive.intake.purge_plan import Plan, Purged
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

_ACTION = "purge"
BACK_AT = "the store (WARC file {}, which was given up and is back)"
_LOCK = "purge.lock"
"""The file in the home that a purge locks."""
_SERVICE = "service"
_REFUSALS = (PurgeRefused, IntegrityError)


@dataclass(frozen=True, slots=True)
class _Order:
    """What was confirmed."""

    by: str
    with_revisits: bool
    records: list[str]
    """The ids of exactly these records are purged, whatever the take-down hides later."""
    reason: str = ""

    @property
    def written(self) -> str:
        return json.dumps(asdict(self))


class Purges:
    """The purges of a service. Each belongs to a take-down in force, or to the retention of a collection, by its id:
    ``retention:NAME``.
    """

    def __init__(self, service: Service) -> None:
        from archive.intake.begun_purges import HomeLock
        from archive.intake.purge import Purge  # it loads the extractor

        self._service = service
        self._purge = Purge(
            service.store,
            service.index,
            sign=service.keys.sign,
            trust=service.keys.trust,
            verify=service.settings.s3.verify,
            spools=lambda: spools_in(service.settings.home),
            lease=service.epochs.lease,
            held=holds_of(service).held,
            home=HomeLock(service.settings.home / _LOCK),
            rewrite_table=_table_rewriter(),
        )
        self._orders = Marks(service.database, ORDERS)

    def plan(self, id_: str, *, with_revisits: bool = False) -> Plan:
        """Return what a purge would do. Raises UnknownTakeDown, PurgeRefused, DatabaseUnusable."""
        return self._purge.plan(self._captures(id_), with_revisits=with_revisits)

    def run(self, id_: str, confirmed: str, *, by: str, origin: str, with_revisits: bool = False) -> Purged:
        """Purge what a take-down hides, if `confirmed` is the token of the plan. If the store fails in between, the
        service purges the rest of exactly these records later.

        Raises UnknownTakeDown, PurgeRefused, PurgeUnderWay, StoreError, DatabaseUnusable.
        """
        with purging(self._service.database) as lock:  # before there is an order: nobody takes it up meanwhile
            plan, reason = self.plan(id_, with_revisits=with_revisits), self.reason(id_)
            if confirmed.strip() != plan.token:
                raise PurgeRefused(
                    f"nothing was deleted: a purge of {id_} is confirmed by {plan.token}, not by "
                    f"{confirmed.strip()[:40]}; look at what it deletes first"
                )
            if not plan.captures:
                raise PurgeRefused(f"nothing was deleted: {id_} has no records that can be purged")
            order = _Order(by, with_revisits, sorted(plan.records), reason)
            if self._orders.put(id_, order.written) != order.written:
                raise PurgeUnderWay(f"an earlier purge of {id_} was interrupted; pressmark purge without an id ends it")
            if id_.startswith(RETENTION):  # files that were given up, and come back, need it
                name, _ = self._kept(id_)
                bound = kept_since(self._service.now(), self._service.settings.retention[name])
                Marks(self._service.database, BOUNDS).set(id_, bound.isoformat())
            facts = {"records": len(order.records), "segments": len(plan.segments)}
            self._note(by, origin, id_, "begun", facts)
            return self._end(id_, order, by, origin, lock, refusals=(*_REFUSALS, PurgeUnderWay))

    def resume(self) -> Mapping[str, str]:
        """End purges that were interrupted, and delete what came back from older copies; return the places that still
        have purged files, and why.

        Raises PurgeUnderWay, StoreError, DatabaseUnusable.
        """
        with purging(self._service.database) as lock:
            self._end_orders(lock)
            unreached = self._purge.resume(lock)  # first: a file that is back may have to wait for other machines
            return unreached | {BACK_AT.format(name): why for name, why in self._end_back(lock).items()}

    def carry_on(self) -> None:
        """End what is unfinished. Raises PurgeUnderWay, StoreError, DatabaseUnusable."""
        with purging(self._service.database) as lock:
            self._end_orders(lock)
            if unfinished(self._service):
                self._purge.resume(lock)
            self._end_back(lock)

    def _end_orders(self, lock: Lock) -> None:
        for id_, written in self._orders.all().items():
            order = _Order(**json.loads(written))
            try:
                self._end(id_, order, order.by, _SERVICE, lock)
            except (UnknownTakeDown, *_REFUSALS) as error:  # it was lifted, or can't be
                log.warning("a purge has ended", extra={"takedown": id_, "reason": str(error)})
                if self._orders.delete_if(id_, written):
                    self._note(order.by, _SERVICE, id_, "refused", {"reason": str(error)})

    def _end_back(self, lock: Lock) -> Mapping[str, str]:
        """Purge in files that are back what was purged since they were given up; return those that wait, and why."""
        if not files_back(self._service.database):
            return {}
        from archive.intake.purge_checks import seeing_all

        def delete(id_: str, plan: Plan, by: str) -> Sequence[Capture]:
            order = _Order(by, False, sorted(plan.records), self.reason(id_))
            return self._end(id_, order, by, _SERVICE, lock).plan.captures

        with seeing_all():
            return end_files_back(self._service, self._purge.plan, delete)

    def _end(  # noqa: PLR0917 - an order, who carries it out, and with which lock
        self,
        id_: str,
        order: _Order,
        by: str,
        origin: str,
        lock: Lock,
        refusals: tuple[type[Exception], ...] = _REFUSALS,
    ) -> Purged:
        """Purge the records of an order that are left, under the lock of purges. An order ends with them, or when it is
        refused.
        """
        from archive.intake.purge_plan import Why

        self._check_decisions()
        try:
            still = partial(self._check_reason, id_, order.reason)
            still()
            why = Why(id_, order.reason, by)
            done = self._purge.run(order.records, why, with_revisits=order.with_revisits, lock=lock, still=still)
            exports = delete_exports_of(self._service, order.records)
        except refusals as error:
            gone = purged_among(self._service.database, order.records)
            facts: dict[str, object] = {"reason": str(error), "records": len(gone)}
            if gone and isinstance(error, PurgeUnderWay):  # the service ends it
                self._note(by, origin, id_, "interrupted", facts)
                raise
            exports = delete_exports_of(self._service, gone) if gone else []
            if self._orders.delete_if(id_, order.written):
                self._note(by, origin, id_, "refused", facts | {"exports": exports})
            raise
        self._orders.delete_if(id_, order.written)
        facts = {"records": len(done.plan.captures), "unreached": sorted(done.unreached), "exports": exports}
        self._note(by, origin, id_, "done", facts)
        return done

    def _check_reason(self, id_: str, before: str) -> None:
        """Raise PurgeRefused, UnknownTakeDown if the reason of a confirmed purge holds no more: a take-down was lifted,
        a collection keeps its pages for longer now, or for less.
        """
        if self.reason(id_) != before:
            raise PurgeRefused(f"the purge of {id_} has stopped: its reason has changed since it was confirmed")

    def _note(self, by: str, origin: str, id_: str, outcome: str, facts: Mapping[str, object]) -> None:
        self._service.access.trail.add(by, origin, _ACTION, id_, outcome=outcome, after=dict(facts))

    def reason(self, id_: str) -> str:
        """Return why something is purged. Raises UnknownTakeDown, PurgeRefused."""
        return self._kept(id_)[1] if id_.startswith(RETENTION) else self._in_force(id_).reason

    def _kept(self, id_: str) -> tuple[str, str]:
        """Return the collection of a retention, and its sentence. Raises PurgeRefused."""
        name = id_.removeprefix(RETENTION)
        if (kept := self._service.settings.retention.get(name)) is None:
            raise PurgeRefused(f"the settings have no retention for the collection {name}")
        return name, f"the collection {name} keeps pages for {format_duration(kept)}"

    def _check_decisions(self) -> None:
        """Raise PurgeUnderWay if it is not known what people hold."""
        if UnreadDecisions(self._service.database).get() is not None:
            raise PurgeUnderWay(
                "nothing was deleted: decisions of people (take-downs, holds) can't be read from the store; see "
                "pressmark doctor"
            )

    def _in_force(self, id_: str) -> TakeDown:
        """Return a take-down with the other addresses of its page. Raises UnknownTakeDown, PurgeRefused."""
        now = TakeDowns(self._service.database).get(id_)
        one = next(one for one in self._service.take_downs.all() if one.id == id_)
        if not (one.is_active(self._service.now()) and now.is_active(self._service.now())):
            raise PurgeRefused(f"the take-down {id_} is over or was lifted; only what is taken down can be purged")
        return one

    def _captures(self, id_: str) -> Iterator[Capture]:
        """Yield what a take-down hides. It is looked up again: it may have been lifted meanwhile.

        Pictures and the like are found by the URL of their page: a purge that was interrupted may have left them alone.
        """
        if id_.startswith(RETENTION):
            name, _ = self._kept(id_)
            before = kept_since(self._service.now(), self._service.settings.retention[name])
            yield from captures_before(self._service.database, name, before, self._service.index.months)
            return
        one, index = self._in_force(id_), self._service.index
        pages = (one.url, *one.also)
        if one.at is not None:
            at = one.at
            there = list(
                chain.from_iterable(
                    index.in_second(page, at) for page in (*pages, *(urn + p for p in pages for urn in BESIDE_PAGE))
                )
            )
            named = [each for each in there if each.record_id in one.records]
            yield from named
            yield from self._beside(pages, {each.at for each in named}, one.records)
            return
        yield from index.captures(one.url, match=one.match)
        yield from chain.from_iterable(index.captures(page) for page in one.also)
        yield from (each for each in index.captures("urn:", match="prefix") if one.covers(each.url))

    def _beside(self, pages: Sequence[str], moments: Collection[datetime], named: Collection[str]) -> Iterator[Capture]:
        """Yield what else was recorded beside single captures of a page, as the take-down hides it."""
        keys = {urlkey(page) for page in pages}
        for each in self._service.index.captures("urn:", match="prefix"):
            if each.at in moments and each.record_id not in named and urlkey(page_of(each.url)) in keys:
                yield each


def _table_rewriter() -> RewriteTable | None:
    """Return what writes the tables of months again; None without its library."""
    if find_spec("pyarrow") is None:
        return None
    from archive.export.parquet import rewrite_month_table

    return rewrite_month_table


def kept_since(now: datetime, kept: timedelta) -> datetime:
    """Return from when on captures are kept: the beginning of a day in UTC, so that a dry run holds for the day."""
    return (now - kept).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def carry_on_purges(service: Service) -> None:
    """End purges that are unfinished. Raises StoreError, DatabaseUnusable."""
    if unfinished(service) or files_back(service.database):
        try:
            Purges(service).carry_on()
        except PurgeUnderWay as error:
            log.info("purges are ended by another process, or later", extra={"reason": str(error)})


def unfinished(service: Service) -> Mapping[str, int]:
    """Return what is left of purges: orders, segments that were begun, former files by place."""
    database = service.database
    found = {"orders": len(Marks(database, ORDERS).all()), "begun": len(Marks(database, BEGUN).all())}
    for name in Marks(database, LEFT).all():
        place = name.partition("/")[0]
        found[place] = found.get(place, 0) + 1
    return {name: count for name, count in found.items() if count}
