"""What purges leave in the store: the manifests that they replaced, which name what may not be there any more.

A purge puts a rewritten segment with a manifest of its own, under a key that follows from the former manifest. A copy
of the former manifest is under `PURGED`: chains and roots still find it there, with the same hash. From the moment the
new manifest is in the store, the former segment does not count. Its objects are deleted in each place once the place
has the rewritten one.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.database.statements import batches
from archive.index.objects import FIRST, purged_keys
from archive.index.preservation_events import Event, Events
from archive.index.purges.rows import LEFT, Rewritten, replace_segment
from archive.shipping.emptied import FirstStore, Mount, check_holds_ours
from archive.shipping.run_texts import RunTexts
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import copied, octets_of, opened
from archive.store.protocol import Versioned
from archive.store.replicated import first_of, replicas_of
from archive.values.digest import Sha256, sha256, sha256_file
from archive.values.errors import DamagedRecord, IntegrityError, ObjectNotFound, StoreError
from archive.values.key_parts import escaped
from archive.warc import cdxj
from archive.warc.integrity.object_of_key import is_of_key
from archive.warc.integrity.trust import Trust
from archive.warc.keys import PURGED, REREADS, manifest_key, purged_key, run_key, sha256_of_key, time_of_key
from archive.warc.manifest import Manifest

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.index.segments import Segments

logger = logging.getLogger(__name__)

_NAME = re.compile(r"(.*)-purge(\d+)", re.DOTALL)
_WORKER = "purge-"
_EMPTY = sha256(b"")
_BATCH = 500


def next_name(segment: str) -> str:
    """Return the name of a segment after one more purge."""
    base, times = _parts(segment)
    return f"{base}-purge{times + 1}"


def next_worker(segment: str) -> str:
    """Return the worker of a rewritten segment: all purges of one segment are a chain of manifests."""
    return _WORKER + _parts(segment)[0]


def successor_key(former: Manifest) -> str:
    """Return the key of the manifest that replaces another one. Of two purges at once, only one can put it."""
    segment, at = former.segment, time_of_key(former.warc.key)
    return manifest_key(former.collection, next_worker(segment), next_name(segment), at)


def successor_of(store: ObjectStore, former: Manifest) -> Manifest | None:
    """Return the manifest that replaced another one; None without one. Raises StoreError."""
    key = successor_key(former)
    if store.size(key) is None:
        return None
    new = Manifest.parse(octets_of(store, key), key)
    if new.replaces is None or new.replaces.sha256 != former.sha256:
        raise IntegrityError(f"{key} does not name the manifest {former.key}, which it should replace")
    return new


def purged_manifests(store: ObjectStore) -> Iterator[Manifest]:
    """Yield the manifests that purges replaced. A damaged one is skipped: the chain shows that it is missing."""
    for key in list(store.keys(PURGED)):  # the caller may list others meanwhile
        try:
            yield Manifest.parse(octets_of(store, key), key)
        except (IntegrityError, ObjectNotFound):
            continue


def objects_of(store: ObjectStore, former: Manifest, new: Manifest) -> list[str]:
    """Return the keys of all former objects of a segment but its manifest, also of texts that were extracted again."""
    again = f"{REREADS}{escaped(former.collection)}/{escaped(former.segment)}/"
    named = {entry.key for entry in new.objects}
    held = (*(entry.key for entry in former.objects), *store.keys(again))
    return [key for key in held if key not in named and is_of_one_segment(key)]


def is_of_one_segment(key: str) -> bool:
    """Return whether no other segment can have an object: the index of a WARC without captures has no bytes, so that
    several of one second share it.
    """
    return sha256_of_key(key) != _EMPTY


def undeleted(store: ObjectStore) -> list[str]:
    """Return the keys of objects that were purged and that the store still has. Raises StoreError."""
    found = list[str]()
    for former in purged_manifests(store):
        with suppress(IntegrityError, ObjectNotFound):  # the check of manifests names a damaged one
            if (new := successor_of(store, former)) is not None:
                found += [key for key in (former.key, *objects_of(store, former, new)) if store.size(key) is not None]
    return found


def delete_purged(target: ObjectStore, store: ObjectStore) -> int:
    """Delete from a copy of the store what purges replaced, where the copy has the rewritten segment.

    Return the number of deleted objects. Raises StoreError.
    """
    deleted = 0
    for former in purged_manifests(store):
        new = successor_of(store, former)
        if new is None or any(target.size(key) is None for key in _of(former, new)):
            continue
        for key in (former.key, *objects_of(target, former, new)):
            if target.size(key) is not None:
                target.delete(key)
                deleted += 1
    return deleted


def take_over(index: Index, store: ObjectStore, former: Manifest, new: Manifest) -> None:
    """Let a rewritten segment take the place of the former one in the index.

    Raises StoreError, ObjectNotFound.
    """
    is_listed = index.segment(former.segment) is not None
    listed = list(cdxj.read(octets_of(store, new.cdxj.key))) if is_listed else []
    gone = [former.key, *objects_of(store, former, new)]
    replace_segment(index.database, Rewritten(former, new, listed, gone, (FIRST, *replicas_of(store))), index.now())
    index.note_keys([purged_key(former.key, former.sha256)])


def note_purges(index: Index, store: ObjectStore, trust: Trust) -> None:
    """Note each purge of the store that the index does not know: one that was interrupted, or of a lost database.

    One whose objects are damaged is left for later; the chain of manifests shows the damage. So is one that is not
    signed by a trusted key: who can write to the store alone must not have replicas deleted. Raises StoreUnreachable,
    StoreDenied.
    """
    for former in purged_manifests(store):
        if not unpurged(index, [former.key]):
            continue
        try:
            new = successor_of(store, former)
            untrusted = [] if new is None else list(trust.findings([new]))
            for finding in untrusted:
                logger.error("a purge is not noted", extra={"object": finding.file, "reason": finding.sentence})
            if new is not None and not untrusted:
                take_over(index, store, former, new)
        except (DamagedRecord, IntegrityError, ObjectNotFound) as error:
            logger.error("a purge can't be noted", extra={"object": former.key, "reason": str(error)})


class Deletion:
    """Deletes, in each place, what purges replaced."""

    def __init__(self, index: Index, store: ObjectStore) -> None:
        self._index, self._store = index, store
        self._stores = {FIRST: first_of(store), **replicas_of(store)}
        self._left = Marks(index.database, LEFT)

    def run(self) -> dict[str, str]:
        """Delete what is left; return the places where that failed, and why. Raises DatabaseUnusable."""
        failed = dict[str, str]()
        for place in sorted({name.partition("/")[0] for name in self._left.all()}):
            try:
                self._place(place)
            except (StoreError, ObjectNotFound) as error:
                logger.warning("purged files could not be deleted", extra={"place": place, "reason": str(error)})
                failed[place] = str(error)
        return failed

    def left(self) -> dict[str, int]:
        """Return how many purged segments are still to be deleted in each place."""
        found = dict[str, int]()
        for name in self._left.all():
            place = name.partition("/")[0]
            found[place] = found.get(place, 0) + 1
        return found

    def _place(self, place: str) -> None:
        if (target := self._stores.get(place)) is None:
            raise StoreError(
                f"the settings have no replica {place} any more, and it has files that were purged; "
                "add it to the settings again, then run pressmark purge"
            )
        self._check(place, target)
        for name, digest in self._left.all(f"{place}/").items():
            key = name.partition("/")[2]
            kept = purged_key(key, Sha256(digest))
            former = Manifest.parse(octets_of(self._store, kept), kept)
            new = successor_of(self._store, former)
            if new is None:
                raise IntegrityError(f"{successor_key(former)} is missing: without it, {key} can't be deleted")
            for needed in _of(former, new):
                self._bring(target, needed)
            self._delete(place, target, former, new)
            self._left.delete(name)

    def _check(self, place: str, target: ObjectStore) -> None:
        if place == FIRST:
            FirstStore(self._index, self._store).check()
        else:
            Mount(self._index.database, place, target).check()
            check_holds_ours(self._index, place, target)

    def _bring(self, target: ObjectStore, key: str) -> None:
        """Make sure that a place has an object of the rewritten segment, intact, before it loses the former ones.

        Raises IntegrityError if the first store has none.
        """
        if target.size(key) is not None and _is_intact(target, key):
            return
        with copied(opened(self._store, key)) as copy:
            digest = sha256_file(copy)
            if not is_of_key(key, digest, copy):
                raise IntegrityError(
                    f"{key} is damaged; repair it with pressmark audit --repair, then run pressmark purge"
                )
            copy.seek(0)
            confirm(target, key, target.put(key, copy, digest, replace=True), "get")

    def _delete(self, place: str, target: ObjectStore, former: Manifest, new: Manifest) -> None:
        assert new.replaces is not None
        for key in (former.key, *objects_of(target, former, new)):
            _delete_for_good(target, key)
        self._renew_run_texts(place, target, former, new)
        count, of = len(new.replaces.purged), new.replaces.takedown
        note = f"records purged by the take-down {of}: {count}; the segment was rewritten as {new.segment}"
        Events(self._index.database).add(Event(self._index.now(), "deletion", "success", note, place, former.warc.key))

    def _renew_run_texts(self, place: str, target: ObjectStore, former: Manifest, new: Manifest) -> None:
        """Delete the objects with all texts of its runs, which have those of the purged records; put what is left."""
        keys = [run_key(former.collection, one.run) for one in former.runs if one.run]
        held = [key for key in keys if target.size(key) is not None]
        for key in held:
            _delete_for_good(target, key)
        if held and place == FIRST:
            RunTexts(self._index.database, self._store, new=True).put(new.segment)


def _is_intact(target: ObjectStore, key: str) -> bool:
    try:
        with copied(opened(target, key)) as copy:
            return is_of_key(key, sha256_file(copy), copy)
    except (IntegrityError, ObjectNotFound):
        return False


def _delete_for_good(target: ObjectStore, key: str) -> None:
    """Delete an object, and its former versions where the store keeps versions. Raises StoreError."""
    target.delete(key)
    if isinstance(target, Versioned):
        target.delete_versions(key)


def put_former(store: ObjectStore, former: Manifest) -> None:
    """Put a copy of a manifest that is about to be replaced. Raises StoreError."""
    key, content = purged_key(former.key, former.sha256), former.to_bytes()
    confirm(store, key, store.put(key, io.BytesIO(content), former.sha256), "get")


def unpurged(index: Segments, keys: Sequence[str]) -> list[str]:
    """Return those of some keys that no purge has replaced, in their order."""
    gone = set[str]()
    for batch in batches(keys, _BATCH):
        with index.database.reading() as connection:
            gone |= purged_keys(connection, batch)
    return [key for key in keys if key not in gone]


def _of(former: Manifest, new: Manifest) -> list[str]:
    """Return what a place must have before the former segment is deleted there: the manifest comes last."""
    return [purged_key(former.key, former.sha256), *(entry.key for entry in new.objects), new.key]


def _parts(segment: str) -> tuple[str, int]:
    found = _NAME.fullmatch(segment)
    return (found[1], int(found[2])) if found else (segment, 0)
