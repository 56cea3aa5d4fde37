"""What is wrong with audits and replicas now, for the doctor, /readyz and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from archive.index.objects import FIRST, Objects
from archive.shipping.emptied import Mount, StoreEmptied, check_holds_ours
from archive.shipping.fixity.audit import remedy
from archive.store.replicated import replicas_of
from archive.values.errors import StoreError
from archive.values.plural import counted
from archive.values.wrong_clocks import is_over
from archive.warc.keys import MANIFESTS, WARCS
from config.duration import duration_in_words
from pressmark.service.exits import Exit, exit_of
from pressmark.service.service import Service
from pressmark.service.states import Condition, condition
from pressmark.upkeep.fixity import BEHIND, emptied, lags, next_audit, overdue, turn_of
from pressmark.upkeep.last_audit import last_damage

_COUNTED = 10_000


def fixity_conditions(service: Service) -> Iterator[Condition]:
    """Return them. Only the database is asked."""
    for place in (FIRST, *replicas_of(service.store)):
        if (since := overdue(service, place)) is not None:
            turn, where = turn_of(service.database, place), "" if place == FIRST else f" in the replica {place}"
            why = f": {turn.problem}" if turn and turn.problem else ""
            yield condition("audit-overdue", since=_minute(since), why=where + why)
    if found := list(_unnamed(service)):
        key, place = found[0]
        yield condition("copies-wrong", count=len(found), first=key, place=place, way_out=remedy(key))
    for replica, lag, problem in lags(service):
        if gone := emptied(service.database, replica):
            yield condition("replica-missing", replica=replica, place=replica, why=gone)
        elif lag.since and is_over(lag.since, BEHIND, service.now()):
            why = f": {problem}" if problem else ""
            yield condition("replica-behind", replica=replica, count=lag.objects, since=_minute(lag.since), why=why)


def _unnamed(service: Service) -> Iterator[tuple[str, str]]:
    """Yield the wrong copies, by key and place, except those that the state of the last full check names."""
    damage = last_damage(service.database)
    for key, place, *_ in Objects(service.database).wrong(limit=_COUNTED):
        if damage is None or place != FIRST or (damage.names and key not in damage.names):
            yield key, place


def examine_fixity(service: Service) -> Iterator[tuple[str, Exit]]:
    """Return, for the doctor, when audits run, and how far each replica is."""
    settings = service.settings.audit
    turn, due = turn_of(service.database), next_audit(service)
    if not settings.every:
        yield "Pressmark does not check the stored files for damage (audit), as the setting audit.every is 0s", Exit.OK
    else:
        last = (
            f"the last check (audit) ended at {_minute(turn.ended_at)} UTC"
            if turn and turn.ended_at
            else "no check of the stored files (audit) has been completed yet"
        )
        when = f"the next check starts at {_minute(due)} UTC" if due else "checks start only while pressmark serve runs"
        yield (
            (
                f"Pressmark checks {settings.share} of the stored files for damage every "
                f"{duration_in_words(settings.every)}; {last}, {when}"
            ),
            Exit.OK,
        )
    for replica, lag, problem in lags(service):
        if seen := list(_look_into(service, replica)):
            yield from seen
        elif lag.objects:
            yield (
                f"the replica {replica} (a copy of the store) does not have {counted(lag.objects, 'object')} yet"
                f"{f'; {problem}' if problem else ''}",
                Exit.OK,
            )
        else:
            yield (
                f"the replica {replica} (a copy of the store) has all files of the store"
                f"{f'; {problem}' if problem else ''}",
                Exit.OK,
            )


def _look_into(service: Service, replica: str) -> Iterator[tuple[str, Exit]]:
    """List a replica, and return what is wrong with it: the database knows only what was copied to it."""
    objects, store = Objects(service.database), replicas_of(service.store)[replica]
    try:
        Mount(service.database, replica, store).check()
        gone = sorted(
            key for prefix in (MANIFESTS, WARCS) for key in objects.keys_in(replica, prefix) - set(store.keys(prefix))
        )
        check_holds_ours(service.index, replica, store)
    except StoreEmptied as error:
        if not emptied(service.database, replica):  # otherwise, the state says it
            missing = condition("replica-missing", replica=replica, place=replica, why=error.why)
            yield missing.sentence, missing.code
    except StoreError as error:
        yield f"the replica {replica} (a copy of the store) can't be read: {error}", exit_of(error)
    else:
        if gone:
            lost = counted(len(gone), "file")
            yield (
                f"the replica {replica} has lost {lost}, e.g. {gone[0]}; to copy the missing files again, run "
                "pressmark audit --share 1/1 --repair",
                Exit.INTEGRITY,
            )


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
