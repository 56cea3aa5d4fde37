"""Restore what people decided to a database that is new, or an older copy: take-downs, reviews, notes.

An older copy also gets back the runs, slots, pauses, alarms and due times that the ledger has.
The database notes up to which part it knows the ledger of each worker. What the store has after that is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from threading import Thread
from time import sleep

from archive.database.marks import Marks
from archive.index.objects import Objects
from archive.shipping.ledger_parts import last_numbers, parts_of
from archive.shipping.ledger_reading import missing_parts, read_ledger
from archive.spool.sealed import spools_in
from archive.store import ObjectStore
from archive.store.failover import unlisted, with_failover
from archive.values.errors import DatabaseUnusable, Finding, StoreError
from archive.warc.keys import LEDGER, PURGED
from archive.warc.ledger import Part, current, gaps, part_of
from pressmark.service.access.unread_decisions import DecisionsUnread, UnreadDecisions
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service
from pressmark.service.states import condition
from pressmark.upkeep.ledger.given_up import GivenUp, Rows, is_within, marks_of
from pressmark.upkeep.ledger.saving import MARKS, READ, ends_of, gaps_saved_again
from pressmark.upkeep.ledger.unread_parts import NOTED_WITHIN, known_parts, new_parts, read_parts, unread_ledgers
from scheduler.ledger.decisions_restored import Decisions, restore_decisions
from scheduler.ledger.ledger_restored import restore_ledger

log = logging.getLogger(__name__)


def bring_decisions_back(service: Service, *, accepts_loss: bool = False) -> Decisions:
    """Restore the decisions of the parts of the ledger that the database does not know.

    The caller does so before it indexes what take-downs hide. With damaged parts, it raises DecisionsUnread, and from
    then on nothing is shown until a call succeeds; with `accepts_loss`, what they said is lost, and nobody names the
    parts that no store has any more. While a place can't be listed, it may have them: this raises StoreError then.
    Parts that were given up are read when a store has them again. Raises StoreError, DatabaseUnusable.

    The purges that the database lacks are noted, too, if the first store can be listed; the worker tries again.
    """
    try:
        return _brought_back(service, accepts_loss=accepts_loss)
    finally:
        note_purges_of_store(service)


def _brought_back(service: Service, *, accepts_loss: bool) -> Decisions:
    store, unread = with_failover(service.store), UnreadDecisions(service.database)
    noted = Objects(service.database).known(LEDGER) if accepts_loss else set()  # before the list: one is noted later
    listed = parts_of(store)
    given_up = GivenUp(service)
    back = given_up.back(store, listed)
    new, last = new_parts(service, listed, back)
    restored, damaged = _restored(service, store, new, listed) if new else (Decisions(), [])
    if damaged and not accepts_loss:  # a part that another replaces meanwhile is missing for a moment
        restored, damaged = _restored(service, store, new, listed)
    if damaged and not accepts_loss:
        first = sorted(finding.file for finding in damaged)[0]
        unread.note(len(damaged), first)
        raise DecisionsUnread(condition("decisions-unread", count=len(damaged), first=first).sentence)
    if accepts_loss:
        _refuse_unlisted(store)
        Objects(service.database).forget(noted - {part.key for part in listed})
    if new or accepts_loss:
        lost = _gaps(service, listed) if accepts_loss else given_up.still_lost(back, listed)
        unread.clear()  # before the marks: after a kill between them, the parts are read again
        marks = {READ + worker: str(last[worker]) for worker in new} | marks_of(lost, damaged)
        Marks(service.database, MARKS).set_all(marks)
        given_up.forget_damage(back)
    if restored != Decisions():
        facts = {"takedowns": restored.take_downs, "reviews": restored.reviews, "notes": restored.notes}
        facts["holds"] = restored.holds
        log.error("decisions of people were missing in the database; they are in force again", extra=facts)
    return restored


def note_purges_of_store(service: Service) -> None:
    """Note the purges of the store that an older copy of the database lacks: crawls may not refer to what is gone.
    What refers to it already is named in the log.
    """
    from archive.intake.unknown_purges import note_unknown_purges

    try:
        if unknown_purges(service):
            spools = partial(spools_in, service.settings.home)
            for why in note_unknown_purges(service.index, service.store, service.keys.trust, spools):
                log.error("a purge of the store can't be noted", extra={"reason": why})
    except StoreError as error:
        log.warning("the purges of the store could not be compared", extra={"reason": str(error)})


def unknown_purges(service: Service) -> list[str]:
    """Return the keys of manifests that purges replaced and that the database does not know. Raises StoreError."""
    return sorted(set(service.store.keys(PURGED)) - Objects(service.database).known(PURGED))


def try_to_bring_decisions_back(service: Service, seconds: float) -> None:
    """Do the same for that long at most: a store that does not answer delays no start. The worker tries again."""
    _within(seconds, partial(_try, bring_decisions_back, service))


def try_to_note_purges(service: Service, seconds: float) -> None:
    """Note the purges of the store for that long at most, as above."""
    _within(seconds, partial(_try, note_purges_of_store, service))


def _within(seconds: float, act: Callable[[], None]) -> None:
    thread = Thread(target=act, name="decisions", daemon=True)
    thread.start()
    thread.join(seconds)


def _try(act: Callable[[Service], object], service: Service) -> None:
    try:
        act(service)
    except Exception as error:  # the worker reports it
        log.info("the decisions of people could not be compared with the store", extra={"reason": str(error)})


def lost_ledgers(service: Service) -> list[tuple[Finding, bool]]:
    """Return a finding for each row of parts of a ledger that the store lacks, and whether all was saved again since.

    What a person has given up is none of them. Raises StoreError, DatabaseUnusable.
    """
    parts, saved, accepted = parts_of(service.store), gaps_saved_again(service), GivenUp(service).findings()
    found = list[tuple[Finding, bool]]()
    for worker, lost in _gaps(service, parts).items():
        last = max((part.last for part in parts if part.worker == worker), default=0)
        again = saved.get(worker) == lost
        named = ((missing_parts(worker, *gap), again and gap[1] < last) for gap in lost)
        found += [each for each in named if each[0] not in accepted]
    return found


def _refuse_unlisted(store: ObjectStore) -> None:
    """Raise StoreError for a place that could not be listed."""
    for place in unlisted(store):
        raise StoreError(f"{place.file}: {place.sentence}")


def _gaps(service: Service, parts: list[Part]) -> Rows:
    """Return each worker with the first and the last number of each row of parts that its ledger lacks."""
    known = known_ends(service)
    return {
        worker: gaps((part for part in parts if part.worker == worker), known.get(worker, 0))
        for worker in sorted({part.worker for part in parts} | known.keys())
    }


def known_ends(service: Service) -> dict[str, int]:
    """Return each worker whose ledger this database wrote or read, with the number of the last part that it knows."""
    written, read = ends_of(service), read_parts(service)
    return {worker: max(written.get(worker, 0), read.get(worker, 0)) for worker in {*written, *read}}


def examine_decisions(service: Service) -> Iterator[tuple[str, Exit]]:
    """Say, for doctor, whether the database has what people decided."""
    try:
        lost, unread = lost_ledgers(service), unread_ledgers(service)
    except (StoreError, DatabaseUnusable) as error:
        yield f"Pressmark could not check whether the database has all decisions of people: {error}", exit_of(error)
        return
    for finding, is_saved in lost:
        if is_saved:
            yield f"{finding.sentence}; all that the database knows has been saved again since", Exit.OK
            continue
        sentence = (
            f"{finding.sentence}; if the store has a replica (a second copy), run pressmark audit --share 1/1 --repair "
            "to copy them from there; otherwise pressmark serve or pressmark run writes what the database knows to the "
            "store again"
        )
        yield sentence, Exit.INTEGRITY
    for finding in unread:
        sentence = f"{finding.sentence}; pressmark serve and pressmark rebuild read what people decided in them"
        yield sentence, Exit.INTEGRITY
    if not (lost or unread):
        count = GivenUp(service).count()
        given_up = f"; parts of the ledger that a person gave up, and whose decisions are lost: {count}"
        sentence = "each take-down, review and note that Pressmark can read in the store is in the database, too"
        yield sentence + (given_up if count else ""), Exit.OK


def _restored(
    service: Service, store: ObjectStore, new: Mapping[str, int], listed: list[Part]
) -> tuple[Decisions, list[Finding]]:
    """Restore what can be read; return also what is wrong with the parts that the database does not know.

    A database that is an older copy gets its runs, slots and pauses back, too. A new one does not: it may be that of a
    second service with the same store, which has to crawl nothing.
    """
    with read_ledger(store) as ledger:
        restored = restore_decisions(service.database, ledger)
        if _is_older_copy(service, store):
            rows = restore_ledger(service.database, ledger)
            log.warning("the database is an older copy; what it lacked was restored", extra=asdict(rows))
        given_up = GivenUp(service)
        lost, damaged = _lost(listed, ledger.parts, new, given_up.lost()), given_up.damaged()
        wrong = (finding for finding in ledger.findings if _is_of(finding, new) and finding.file not in damaged)
        return restored, [*lost, *wrong]


def _lost(
    listed: list[Part],
    read: list[Part],
    new: Mapping[str, int],
    given_up: Mapping[str, list[tuple[int, int]]],
) -> Iterator[Finding]:
    """Yield a finding for each row of parts that the store lacks, and that the database does not know; and for each
    part that was listed and was not there to be read: a store that fails for a moment lists less.
    """
    for worker, known in new.items():
        lost = gaps(part for part in read if part.worker == worker)
        named = (gap for gap in lost if gap[1] > known and not is_within(gap, given_up.get(worker, ())))
        yield from (missing_parts(worker, *gap) for gap in named)
    for part in sorted(set(current({*listed, *read})).difference(read)):
        if part.last > new.get(part.worker, part.last):
            yield Finding(part.key, None, "missing", "it was listed, and the next list does not have it")


def _is_older_copy(service: Service, store: ObjectStore) -> bool:
    """Return whether the store has parts that this database once wrote, and does not know.

    A worker notes a part a moment after it has put it, so both are compared twice: an older copy knows no more then.
    """
    first = _behind(service, store)
    if not first:
        return False
    sleep(NOTED_WITHIN)
    return bool(first & _behind(service, store))


def _behind(service: Service, store: ObjectStore) -> frozenset[tuple[str, int]]:
    """Return the workers that have later parts in the store than this database knows, each with the last known one."""
    ours, known, last = ends_of(service), known_parts(service), last_numbers(parts_of(store))
    return frozenset(each for each in known.items() if each[0] in ours and each[1] < last.get(each[0], 0))


def _is_of(finding: Finding, new: Mapping[str, int]) -> bool:
    """Return whether a damaged part has records that the database does not know. A copied ledger has lost none."""
    part = part_of(finding.file)
    return finding.kind != "chain" and part is not None and part.last > new.get(part.worker, part.last)
