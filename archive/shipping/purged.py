"""Take over what purges did: in the index, and in each place, where the former objects are deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.objects import FIRST
from archive.index.preservation_events import Event, Events
from archive.index.purges.locks import changing_segments
from archive.index.purges.purged_marks import LEFT, note_holding, unpurged
from archive.index.purges.rows import Rewritten, replace_segment
from archive.shipping.emptied import FirstStore, Mount, check_holds_ours
from archive.shipping.held_months import HeldMonths
from archive.shipping.purge_chains import Succession, Successions
from archive.shipping.purged_months import PurgedMonths, delete_other_months
from archive.shipping.run_texts import RunTexts, holds_records
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.deletion import delete_for_good
from archive.store.intact import is_intact
from archive.store.object_reader import copied, octets_of, opened
from archive.store.replicated import first_of, replicas_of
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound, StoreError
from archive.warc import cdxj
from archive.warc.integrity.trust import Trust
from archive.warc.keys import purged_key, run_key

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.index.months.rewriting import RewriteTable
    from archive.warc.manifest import Manifest

logger = logging.getLogger(__name__)


def take_over(index: Index, store: ObjectStore, found: Succession) -> None:
    """Let the last rewritten segment take the place of the former one in the index.

    Raises StoreError, ObjectNotFound.
    """
    former, new = found.former, found.last
    is_listed = index.segment(former.segment) is not None
    listed = list(cdxj.read(octets_of(store, new.cdxj.key))) if is_listed else []
    gone, places = found.gone_from(store), (FIRST, *replicas_of(store))
    says = found.replaced[-1]
    rewritten = Rewritten(former, new, found.purged, f"{says.by}, {says.at}", listed, gone, places)
    replace_segment(index.database, rewritten, index.now())
    index.note_keys([key for key in found.needed if key.startswith("purged/")])


def is_trusted(found: Succession, trust: Trust) -> bool:
    """Return whether a trusted key signed the last manifest of a purge, which names those before; say why not in the
    log. Unlike other manifests, one of a segment from before there was a key needs a signature, too: it deletes.
    """
    reasons = [finding.sentence for finding in trust.findings(found.later)]
    if trust.keys and found.last.signature is None:
        reasons.append("it is not signed")
    for reason in reasons:
        logger.error("a purge is not trusted", extra={"object": found.last.key, "reason": reason})
    return not reasons


def undeleted(store: ObjectStore) -> dict[str, str]:
    """Return the keys of objects that were purged and that the store still has, with by whom and when.

    Raises StoreError.
    """
    known, found = Successions(store), dict[str, str]()
    for former in known.formers:
        with suppress(IntegrityError, ObjectNotFound):  # the check of manifests names a damaged one
            if (purge := known.of(former)) is not None:
                first = purge.replaced[0]
                said = f"{first.by} at {first.at}, for the take-down {first.takedown}"
                found |= {key: said for key in purge.gone_from(store) if store.size(key) is not None}
    return found


def delete_purged(target: ObjectStore, store: ObjectStore, trust: Trust) -> int:
    """Delete from a copy of the store what purges replaced, where the copy has the last rewritten segment, intact.

    Only trusted purges count. Return the number of deleted objects. Raises StoreError.
    """
    known, deleted = Successions(store), 0
    for former in known.formers:
        try:
            found = known.of(former)
        except (IntegrityError, ObjectNotFound) as error:
            logger.error("a purge can't be repeated in a copy", extra={"object": former.key, "reason": str(error)})
            continue
        if found is None:
            continue
        held = [key for key in (*found.gone_from(target), *stale_runs(target, found)) if target.size(key) is not None]
        if not held or not is_trusted(found, trust):
            continue
        try:
            for key, digest in found.needed.items():
                bring(store, target, key, digest)
        except (IntegrityError, ObjectNotFound) as error:
            facts = {"object": former.key, "reason": str(error)}
            logger.warning("a copy keeps what was purged: it can't have the rewritten segment", extra=facts)
            continue
        for key in held:
            delete_for_good(target, key)
        deleted += len(held)
    return deleted


def stale_runs(target: ObjectStore, found: Succession) -> Iterator[str]:
    """Yield the keys of the objects with all texts of a run that have those of purged records. Raises StoreError."""
    former = found.former
    for key in (run_key(former.collection, one.run) for one in former.runs if one.run):
        if target.size(key) is not None and holds_records(target, key, found.purged):
            yield key


class Deletion:
    """Deletes, in each place, what purges replaced."""

    def __init__(self, index: Index, store: ObjectStore, rewrite_table: RewriteTable | None = None) -> None:
        """`rewrite_table` writes the tables of months again."""
        self._index, self._store = index, store
        self._months = PurgedMonths(index.database, store, rewrite_table)
        self._stores = {FIRST: first_of(store), **replicas_of(store)}
        self._left = Marks(index.database, LEFT)

    def run(self, *, again: bool = False) -> dict[str, str]:
        """Delete what is left; return the places where that failed, and why. Raises DatabaseUnusable, PurgeUnderWay.

        With `again`, all places are searched for what was deleted before, and came back from an older copy. Nothing is
        deleted while a month names it.
        """
        failed, known = dict[str, str](), Successions(self._store)
        try:
            held = self._months.run(known)
        except StoreError as error:
            logger.warning("months could not be written again without what was purged", extra={"reason": str(error)})
            return {FIRST: str(error)}
        left = self._by_place()
        for place in sorted({*left, *(self._stores if again else ())}):
            try:
                reasons = self._place(place, known, left.get(place, {}), held, again=again)
            except (StoreError, ObjectNotFound, OSError) as error:
                reasons = [str(error)]
            if reasons:
                logger.warning("purged files could not be deleted", extra={"place": place, "reason": reasons[0]})
                failed[place] = reasons[0]
        note_holding(self._index.database, held.holding)
        return failed

    def left(self) -> dict[str, int]:
        """Return how many purged segments are still to be deleted in each place."""
        return {place: len(found) for place, found in self._by_place().items()}

    def _by_place(self) -> dict[str, dict[str, str]]:
        found = dict[str, dict[str, str]]()
        for name, digest in self._left.all().items():
            place, _, key = name.partition("/")
            found.setdefault(place, {})[key] = digest
        return found

    def _place(
        self, place: str, known: Successions, left: dict[str, str], held: HeldMonths, *, again: bool
    ) -> list[str]:
        """Delete what a place may lose, and return why it keeps the rest. Raises StoreError, OSError."""
        if (target := self._stores.get(place)) is None:
            raise StoreError(
                f"the settings have no replica {place} any more, and it has files that were purged; "
                "add it to the settings again, then run pressmark purge"
            )
        self._check(place, target)
        formers = {(one.key, one.sha256): one for one in known.formers}
        reasons = [_lacks(key, digest) for key, digest in left.items() if (key, digest) not in formers]
        if place != FIRST and (left or again):
            delete_other_months(target, self._store, held.months)
        noted = {key for key, _ in formers} - set(unpurged(self._index.database, [key for key, _ in formers]))
        for key, former in ((one.key, one) for one in known.formers):
            if not (key in left or (again and key in noted)):
                continue
            try:
                if why := self._delete_former(place, target, known, former, held, is_left=key in left):
                    reasons.append(why)
                elif key in left:
                    self._left.delete(f"{place}/{key}")
            except (IntegrityError, ObjectNotFound) as error:  # it holds up no other
                reasons.append(str(error))
        return reasons

    def _delete_former(
        self, place: str, target: ObjectStore, known: Successions, former: Manifest, held: HeldMonths, *, is_left: bool
    ) -> str | None:
        """Delete a former segment from a place; return why not, if a month holds it up."""
        found = known.of(former)
        if found is None:
            raise IntegrityError(
                f"the manifest that replaced {former.key} is missing: without it, {former.key} can't be deleted"
            )
        if held.months and (is_left or _present(target, found)) and (why := held.why(former)):
            return why
        with changing_segments(self._index.database):
            self._delete(place, target, found)
        return None

    def _check(self, place: str, target: ObjectStore) -> None:
        if place == FIRST:
            FirstStore(self._index, self._store).check()
        else:
            Mount(self._index.database, place, target).check()
            check_holds_ours(self._index, place, target)

    def _delete(self, place: str, target: ObjectStore, found: Succession) -> None:
        """Delete a former segment from a place, after making sure that the place has the last one."""
        held = _present(target, found)
        stale = list(stale_runs(target, found))
        if held or stale:
            for needed, digest in found.needed.items():
                bring(self._store, target, needed, digest)
        for key in (*held, *stale):
            delete_for_good(target, key)
        if place == FIRST:
            texts = RunTexts(self._index.database, self._store, new=True)
            for run in {one.run for one in found.former.runs if one.run} if stale else ():
                texts.put_run(run, found.former.collection)
        if held or stale:
            count, of = len(found.purged), found.replaced[0].takedown
            note = f"records purged by the take-down {of}: {count}; the segment was rewritten as {found.last.segment}"
            event = Event(self._index.now(), "deletion", "success", note, place, found.former.warc.key)
            Events(self._index.database).add(event)


def _present(target: ObjectStore, found: Succession) -> list[str]:
    """Return the keys of the former objects that a place has. Raises StoreError."""
    return [key for key in found.gone_from(target) if target.size(key) is not None]


def _lacks(key: str, digest: str) -> str:
    return f"{purged_key(key, Sha256(digest))} is missing or damaged: without it, {key} can't be deleted"


def bring(store: ObjectStore, target: ObjectStore, key: str, digest: Sha256) -> None:
    """Make sure that a place has an object of the rewritten segment, intact, before it loses the former ones.

    Raises IntegrityError, ObjectNotFound if the first store has none; StoreError.
    """
    if is_intact(target, key, digest):
        return
    with copied(opened(store, key)) as copy:
        if sha256_file(copy) != digest:
            raise IntegrityError(f"{key} is damaged; repair it with pressmark audit --repair, then run pressmark purge")
        copy.seek(0)
        confirm(target, key, target.put(key, copy, digest, replace=True), "get")
