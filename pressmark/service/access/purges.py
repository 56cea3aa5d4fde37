"""Purges: the bytes of what was taken down are deleted for good."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.purges.rows import BEGUN, LEFT, purged_counts
from archive.values.capture import SCREENSHOT, Capture
from archive.values.errors import PurgeRefused, PurgeUnderWay
from pressmark.service.exits import Exit
from scheduler.ledger.take_downs import TakeDown, TakeDowns, UnknownTakeDown

if TYPE_CHECKING:
    from archive.intake.purge_plan import Plan, Purged
    from pressmark.service.service import Service

log = logging.getLogger(__name__)

_WANTED = "purge-wanted/"


class Purges:
    """The purges of a service. Each belongs to a take-down in force."""

    def __init__(self, service: Service) -> None:
        from archive.intake.purge import Purge  # it loads the extractor

        self._service = service
        keys, verify = service.keys, service.settings.s3.verify
        self._purge = Purge(service.store, service.index, sign=keys.sign, trust=keys.trust, verify=verify)
        self._wanted = Marks(service.database, _WANTED)

    def plan(self, id_: str, *, with_revisits: bool = False) -> Plan:
        """Return what a purge would do. Raises UnknownTakeDown, PurgeRefused, DatabaseUnusable."""
        return self._purge.plan(self._captures(id_), with_revisits=with_revisits)

    def run(self, id_: str, *, by: str, with_revisits: bool = False) -> Purged:
        """Purge what a take-down hides. What can't be purged yet is purged later, by `carry_on`.

        Raises UnknownTakeDown, PurgeRefused, PurgeUnderWay, StoreError, DatabaseUnusable.
        """
        from archive.intake.purge_plan import Why

        one = self._in_force(id_)
        self._wanted.set(one.id, json.dumps({"by": by, "with_revisits": with_revisits}))
        why = Why(one.id, one.reason, by)
        done = self._purge.run(lambda: self._captures(id_), why, with_revisits=with_revisits)
        if not any(one.why == "spool" for one in done.plan.kept_back):
            self._wanted.delete(one.id)
        return done

    def resume(self) -> Mapping[str, str]:
        """End purges that were interrupted; return the places that still have purged files, and why.

        Raises PurgeUnderWay, StoreError, DatabaseUnusable.
        """
        return self._purge.resume()

    def carry_on(self) -> None:
        """End what is unfinished. Raises StoreError, DatabaseUnusable."""
        for id_, written in self._wanted.all().items():
            try:
                self.run(id_, **json.loads(written))
            except (UnknownTakeDown, PurgeRefused) as error:  # it was lifted, or is over
                log.info("a purge has ended", extra={"takedown": id_, "reason": str(error)})
                self._wanted.delete(id_)
        if unfinished(self._service):
            self.resume()

    def _in_force(self, id_: str) -> TakeDown:
        """Return a take-down with the other addresses of its page. Raises UnknownTakeDown, PurgeRefused."""
        TakeDowns(self._service.database).get(id_)
        one = next(one for one in self._service.take_downs.all() if one.id == id_)
        if not one.is_active(self._service.now()):
            raise PurgeRefused(f"the take-down {id_} is over or was lifted; only what is taken down can be purged")
        return one

    def _captures(self, id_: str) -> Iterator[Capture]:
        """Yield what a take-down hides. It is looked up again: it may have been lifted meanwhile.

        Pictures are found by the URL of their page: a purge that was interrupted may have left them alone.
        """
        one, index = self._in_force(id_), self._service.index
        pages = (one.url, *one.also)
        if one.at is not None:
            at = one.at
            there = chain.from_iterable(
                index.in_second(page, at) for page in (*pages, *(SCREENSHOT + p for p in pages))
            )
            yield from (each for each in there if each.record_id in one.records)
            return
        yield from index.captures(one.url, match=one.match)
        yield from chain.from_iterable(index.captures(page) for page in one.also)
        yield from (each for each in index.captures(SCREENSHOT, match="prefix") if one.covers(each.url))


def carry_on_purges(service: Service) -> None:
    """End purges that are unfinished. Raises StoreError, DatabaseUnusable."""
    if unfinished(service):
        try:
            Purges(service).carry_on()
        except PurgeUnderWay as error:
            log.info("purges are ended by another process", extra={"reason": str(error)})


def unfinished(service: Service) -> Mapping[str, int]:
    """Return what is left of purges: take-downs that wait, segments that were begun, former files by place."""
    database = service.database
    found = {"waiting": len(Marks(database, _WANTED).all()), "begun": len(Marks(database, BEGUN).all())}
    for name in Marks(database, LEFT).all():
        place = name.partition("/")[0]
        found[place] = found.get(place, 0) + 1
    return {name: count for name, count in found.items() if count}


def examine_purges(service: Service) -> Iterator[tuple[str, Exit]]:
    """Return, for doctor, how many records each take-down has purged."""
    purged = purged_counts(service.database)
    told = ", ".join(f"{takedown}: {count:,}" for takedown, count in sorted(purged.items()))
    records = f"records that were purged (deleted for good) by take-downs: {told}"
    yield records if purged else "nothing was purged (deleted for good)", Exit.OK
