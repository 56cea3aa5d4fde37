"""The parts of ledgers that the store has and the database does not know."""

from __future__ import annotations

from time import sleep

from archive.database.marks import Marks
from archive.shipping.ledger_parts import last_numbers, parts_of
from archive.store.failover import with_failover
from archive.values.errors import Finding
from archive.warc.keys import ledger_prefix
from archive.warc.ledger import Part
from pressmark.service.service import Service
from pressmark.upkeep.ledger.given_up import GivenUp, before_first
from pressmark.upkeep.ledger.saving import BY_EARLIER_VERSION, MARKS, READ, ends_of

NOTED_WITHIN = 0.5
"""Seconds from a part of the ledger in the store to its note in the database."""
_NOTED_BY_THE_LIVING = 10.0
"""The same on a machine that is busy, or cut off from the database for a moment."""


def unread_ledgers(service: Service) -> list[Finding]:
    """Return a finding for each worker of this database whose ledger has parts that the database does not know.

    A worker notes a part after it has put it; one that is alive gets ten seconds for that. The ledgers of other
    databases with the same store are read once a day. Raises StoreError, DatabaseUnusable.
    """
    found, looks = _unread(service), round(_NOTED_BY_THE_LIVING / NOTED_WITHIN)
    while found and looks and service.epochs.alive().issuperset(worker for worker, _ in found):
        sleep(NOTED_WITHIN)
        again, looks = _unread(service), looks - 1
        found = {each: again[each] for each in found if each in again}
    return [
        Finding(
            ledger_prefix(worker),
            None,
            "unread",
            f"this database does not know the parts {known + 1} to {last} of the ledger of {worker}: it may be "
            "an older copy",
        )
        for (worker, known), last in sorted(found.items())
    ]


def _unread(service: Service) -> dict[tuple[str, int], int]:
    """Return each worker with the last part of its ledger that the database knows, and the last one of the store."""
    parts = parts_of(with_failover(service.store))
    back = GivenUp(service).back(with_failover(service.store), parts)
    new, last = new_parts(service, parts, back)
    ours = {service.settings.worker.name, *ends_of(service), *(part.worker for part in back)}
    is_new = not known_parts(service)
    return {(worker, known): last[worker] for worker, known in new.items() if is_new or worker in ours}


def new_parts(service: Service, parts: list[Part], back: list[Part]) -> tuple[dict[str, int], dict[str, int]]:
    """Return each worker whose ledger has parts that the database does not know, or that are back, with the last one
    before them, and the last one of every worker.
    """
    known, last, first = known_parts(service), last_numbers(parts), before_first(back)
    before = {worker: min(known.get(worker, 0), first.get(worker, last[worker])) for worker in last}
    return {worker: number for worker, number in before.items() if number < last[worker]}, last


def known_parts(service: Service) -> dict[str, int]:
    """Return up to which part the database knows the ledger of each worker."""
    written = ends_of(service) if Marks(service.database, MARKS).get(BY_EARLIER_VERSION) else {}
    return written | read_parts(service)


def read_parts(service: Service) -> dict[str, int]:
    """Return up to which part the database has noted that it knows the ledger of each worker."""
    noted = Marks(service.database, MARKS).all(READ)
    return {name.removeprefix(READ): int(number) for name, number in noted.items()}
