"""What a purge must know before it deletes: all captures of the store, and those that workers have just written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from archive.database.closed_collections import TakenDown, closing_collections, hiding
from archive.index.index import Index
from archive.index.purges.needs import leaning_on
from archive.index.unshipped import unshipped_elsewhere, working_elsewhere
from archive.intake.compare import compare
from archive.intake.listed_files import ListedFiles, is_list
from archive.intake.purge_plan import Plan, place_of
from archive.spool.barrier import wait_for_recorders
from archive.spool.recovery import unacknowledged
from archive.spool.sealed import find_segment, sealed_in
from archive.spool.spool import known_id_of
from archive.store import ObjectStore
from archive.values.capture import Capture
from archive.values.errors import PurgeUnderWay
from archive.warc import journal

_DIRECTORIES = ("open", "sealed", "open")
"""Of a spool. A segment moves from the first to the second, and back if its file is repaired."""
RECORDER_PATIENCE = 60.0
"""Seconds that a purge waits for a recorder to end its group: its disk may be slow."""


def check_recorders(index: Index, lease: timedelta, spools: Collection[Path]) -> None:
    """Return when no recorder refers to records that are marked as leaving (`purged_marks.leaving`), and all that was
    written before is in the spools of this home. Raises PurgeUnderWay if that can't be known.
    """
    wait_for_recorders(spools, RECORDER_PATIENCE)
    _check_elsewhere(index, lease, spools)


def _check_elsewhere(index: Index, lease: timedelta, spools: Collection[Path]) -> None:
    for one in working_elsewhere(index.database, index.now(), lease, _ids_of(spools)):
        raise PurgeUnderWay(
            f"nothing was deleted: {one} is running, and what it writes now may need what would be deleted; stop "
            "pressmark there until the purge has ended"
        )


def check_complete(index: Index, store: ObjectStore, lease: timedelta, spools: Iterable[Path]) -> None:
    """Raise PurgeUnderWay if captures are neither in the index nor in attached months: nobody knows what they need.

    They are in the store, while the index is built again, or in the spool of another machine: also if the index has
    none of a segment yet. `spools` are those of this home. Raises StoreError.
    """
    here = list(spools)
    found = compare(store, index).without(sealed.name for spool in here for sealed in sealed_in(spool))
    if found.to_import:
        raise PurgeUnderWay(
            f"nothing was deleted: the index lacks segments (WARC files) of the store: {len(found.to_import)}, the "
            f"first is {found.to_import[0]}, and their captures may need what would be deleted; run pressmark rebuild, "
            "or wait until pressmark doctor says that the index is complete"
        )
    _check_elsewhere(index, lease, here)  # again: the list may have taken long
    for one in unshipped_elsewhere(
        index.database, index.now(), lease, unindexed=True, here=_ids_of(here)
    ):  # living, too
        raise PurgeUnderWay(
            f"nothing was deleted: the worker {one.worker} on the machine {one.host or '(unknown)'} is gone, and "
            "captures in its spool may need what would be deleted; start it again; if its disk is lost, see pressmark "
            "spool give-up"
        )
    if not index.database.is_shared:
        _check_spooled(index, here)


def _check_spooled(index: Index, spools: Collection[Path]) -> None:
    """Raise PurgeUnderWay if the file of a segment that is not in the store is in no spool of this home."""
    for row in index.segments("open", "sealed"):
        paths = [Path(row.path)] if row.path else []
        places = (*paths, *(spool / "open" / "any" for spool in spools))
        if not any(path.exists() for path in paths) and not any(find_segment(path, row.name) for path in places):
            raise PurgeUnderWay(
                f"nothing was deleted: the file of the segment {row.name} is neither in the spool nor in the store, "
                "and its captures may need what would be deleted; bring it back (see pressmark verify --all); if "
                "it is lost for good, see pressmark spool give-up"
            )


def _ids_of(spools: Iterable[Path]) -> frozenset[str]:
    return frozenset(id_ for spool in spools if (id_ := known_id_of(spool)))


def revisits_in(spools: Iterable[Path], index: Index) -> Sequence[Capture]:
    """Return the revisits and the lists of media that are written in spools and that the store does not have: the index
    may lag behind, or their worker was killed before it indexed them. Raises IntegrityError if the disk can't read a
    file.
    """
    found = dict[tuple[str, int], Capture]()
    for spool in spools:
        killed = filter(_may_need, unacknowledged(spool))
        found |= {place_of(one): one for one in killed}
        for directory in _DIRECTORIES:
            for path in (spool / directory).glob(f"*{journal.SUFFIX}"):
                found |= {place_of(one): one for one in _revisits(path, index)}
    return list(found.values())


def _revisits(path: Path, index: Index) -> Iterator[Capture]:
    its = journal.load(path)
    row = index.segment(its.heading.segment) if its.heading else None
    if row is None or row.manifest_key is None:
        yield from filter(_may_need, its.captures)


def _may_need(one: Capture) -> bool:
    return one.refers_to is not None or is_list(one)


def is_needed_since(index: Index, listed: ListedFiles, plan: Plan, after: int) -> bool:
    """Return whether captures that were added since a plan was made (`archive.index.purges.needs.newest`) need what it
    would delete.
    """
    gone = {place_of(one): one for one in plan.captures}
    if any(place_of(one) not in gone for one, _ in listed.naming(gone)):
        return True
    added = (one for one in leaning_on(index.database, plan.captures, after) if place_of(one) not in gone)
    return any(place_of(each) in gone for one in added for each in index.payloads.needs(one))


@contextmanager
def seeing_all() -> Iterator[None]:
    """Read rows that are hidden from the caller, too: they stay in the rewritten segments."""
    with closing_collections(frozenset()), hiding(TakenDown()):
        yield
