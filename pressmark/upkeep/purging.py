"""Purges as the doors of Pressmark ask for them: with all decisions of people that the store has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.objects import Objects
from archive.index.purges.purged_marks import HOLDING, purged_by, purged_counts
from archive.values.capture import MEDIA
from archive.values.errors import DatabaseUnusable, StoreError
from archive.warc.keys import PURGED
from pressmark.service.access.purges import unfinished
from pressmark.service.exits import Exit, exit_of
from pressmark.service.states import Condition, condition
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back

if TYPE_CHECKING:
    from pressmark.service.access.purges import Purges
    from pressmark.service.service import Service


def purges_of(service: Service) -> Purges:
    """Return the purges of a service, after what an older copy of the database lacks was restored: holds, take-downs
    that were lifted.

    Raises StoreError if the store can't say, DecisionsUnread, DatabaseUnusable.
    """
    from pressmark.service.access.purges import Purges

    bring_decisions_back(service)
    return Purges(service)


def purge_conditions(service: Service) -> Iterator[Condition]:
    """Yield what purges have not deleted yet, and which months of the index hold that up."""
    if left := unfinished(service):
        yield condition("purge-unfinished", left=", ".join(f"{name}: {count}" for name, count in left.items()))
    if holding := Marks(service.database, HOLDING).all():
        first = min(holding)
        yield condition("purge-held-by-month", months=", ".join(sorted(holding)), why=holding[first])


def examine_purges(service: Service) -> Iterator[tuple[str, Exit]]:
    """Say, for doctor, how many records each take-down has purged, by whom and when; and whether the store says the
    same: the manifests that purges replaced are there.
    """
    from archive.intake.unknown_purges import lacking_lists  # it loads the extractor

    purged, by = purged_counts(service.database), purged_by(service.database)
    told = "; ".join(f"{takedown}: {count:,} ({by.get(takedown, '-')})" for takedown, count in sorted(purged.items()))
    records = f"records that were purged (deleted for good) by take-downs: {told}"
    yield records if purged else "the database knows of no record that was purged (deleted for good)", Exit.OK
    for one in lacking_lists(service.index) if purged else ():
        page = one.url.removeprefix(MEDIA)
        sentence = (
            f"video and audio of {page} were purged, and a later list of its files names them; the next run that reads "
            "the page fetches them again"
        )
        yield sentence, Exit.INTEGRITY
    try:
        there = set(service.store.keys(PURGED))
        known = Objects(service.database).known(PURGED)
    except (StoreError, DatabaseUnusable) as error:
        yield f"Pressmark could not compare the purges of the database with the store: {error}", exit_of(error)
        return
    if unknown := sorted(there - known):
        sentence = (
            f"the store has purges that this database does not know: {len(unknown)}, the first is {unknown[0]}; the "
            "database may be an older copy, and captures may refer to what was deleted; pressmark purge without an id "
            "notes them"
        )
        yield sentence, Exit.INTEGRITY
    if lost := sorted(known - there):
        sentence = (
            f"the store lacks manifests that purges have replaced: {len(lost)}, the first is {lost[0]}; restore them "
            "from a copy: without them, purged files that come back are not recognised by another database"
        )
        yield sentence, Exit.INTEGRITY
    if there == known:
        yield "the store and the database know the same purges", Exit.OK
