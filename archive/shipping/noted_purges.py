"""Note the purges of the store that the index does not know, and mark what has lost its bytes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.purges.locks import changing_segments
from archive.index.purges.needs import captures_of_ids, leaning_on, revisits_of
from archive.index.purges.purged_marks import BEGUN, unpurged
from archive.shipping.purge_chains import Succession, Successions
from archive.shipping.purged import is_trusted, take_over
from archive.store import ObjectStore
from archive.store.intact import is_intact
from archive.values.capture import Capture
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound
from archive.warc.integrity.trust import Trust
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.index.index import Index

logger = logging.getLogger(__name__)
_BEREFT = "the record with its payload was purged"
"""Why a revisit is unreadable."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the index knows since now of the purges in the store."""

    records: frozenset[str] = frozenset()
    """The ids of the records that they deleted."""
    bereft: Sequence[Capture] = ()
    """The revisits that have lost their bodies: they are marked as unreadable."""
    why: Sequence[str] = ()
    """Why some purges can't be noted, as sentences."""


def note_purges(index: Index, store: ObjectStore, trust: Trust) -> Noted:
    """Note each purge of the store that the index does not know: one that was interrupted, or of a lost database.

    One whose objects are damaged is left for later; the chain of manifests shows the damage. So is one of which the
    store lacks something while it has the former segment: that counts until then. One that is not signed by a trusted
    key is left, too: who can write to the store alone must not have replicas deleted. It is among those that can't be
    noted if this archive began it. Raises StoreUnreachable, StoreDenied.
    """
    why, purged = list[str](), set[str]()
    unknown = _unknown(index, store, why)
    # before they are taken over, and all at once: this reads the ids of all captures
    deleted = list(captures_of_ids(index.database, {each for one in unknown for each in one.purged})) if unknown else []
    for found in unknown:
        former = found.former
        if not unpurged(index.database, [former.key]):  # known with one before
            continue
        try:
            if is_trusted(found, trust):
                with changing_segments(index.database):
                    _check_whole(store, found)
                    take_over(index, store, found)
                purged |= found.purged.keys()
            elif Marks(index.database, BEGUN).get(former.key) is not None:  # nothing may be imported until it has ended
                why.append(
                    f"the purge of the segment {former.segment} was interrupted, and its manifest {found.last.key} is "
                    "signed by no key in signing.public_keys; add its key there, or leave public_keys out of the "
                    "settings until pressmark purge has ended it"
                )
        except (DamagedRecord, IntegrityError, ObjectNotFound) as error:
            why.append(_cannot_note(former, error))
    bereft = mark_bereft(index, purged, [one for one in deleted if one.record_id in purged])
    return Noted(frozenset(purged), bereft, why)


def _unknown(index: Index, store: ObjectStore, why: list[str]) -> list[Succession]:
    """Return the purges of the store that the index does not know; add to `why` those that can't be read."""
    known, found = Successions(store), list[Succession]()
    keys = frozenset(unpurged(index.database, [one.key for one in known.formers]))
    for former in known.formers:
        try:
            if former.key in keys and (purge := known.of(former)) is not None:
                found.append(purge)
        except (DamagedRecord, IntegrityError, ObjectNotFound) as error:
            why.append(_cannot_note(former, error))
    return found


def _cannot_note(former: Manifest, error: Exception) -> str:
    logger.error("a purge can't be noted", extra={"object": former.key, "reason": str(error)})
    return str(error)


def mark_bereft(index: Index, purged: Collection[str], deleted: Collection[Capture] = ()) -> list[Capture]:
    """Mark the revisits of purged records that a run or an import has written meanwhile, or with an older copy of the
    database: their pages are due again. Return them.

    Those that name a record by its URL and date alone, or by nothing, are found by what the index had of it: `deleted`.
    """
    near = [*revisits_of(index.database, purged)] if purged else []
    near += leaning_on(index.database, deleted) if deleted else ()
    places = {(one.location.segment, one.location.offset): one for one in near}
    found = [one for one in places.values() if index.original_of(one) is None]
    for one in found:
        index.damages.mark(one.location.segment, [one.location.offset], "original", _BEREFT)
    return found


def _check_whole(store: ObjectStore, found: Succession) -> None:
    """Raise IntegrityError if a store has the former WARC, and not all of the rewritten segment, intact."""
    if store.size(found.former.warc.key) is None:
        return
    for entry in found.last.objects:
        if not is_intact(store, entry.key, entry.sha256):
            raise IntegrityError(
                f"{entry.key} is missing or damaged, so that the former segment {found.former.segment} counts; restore "
                "it from a copy, then run pressmark purge"
            )
