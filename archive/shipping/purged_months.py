"""Write the months again that name what purges deleted, before the former WARC files are deleted.

The steps for a month, each of which can be repeated after a crash at any point:

1. put the new files, the manifest last: it names the manifest that it comes instead of;
2. let this database use the new month, if it used the former one; other databases look for it in the store;
3. delete the former files, the manifest last: until it is gone, the next pass finds it.

Then files that no manifest names are deleted. Replicas follow, each in its time (`archive.shipping.purged`): one that
is away holds up nothing here. A month that can't be read, or written, holds up the deletion of what it may name alone
(`archive.shipping.held_months`).
"""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.database.marks import Marks
from archive.index.months.month import Month, MonthSegment
from archive.index.months.months import ATTACHED
from archive.index.months.rewriting import Moved, RewriteTable, rewrite
from archive.index.months.stored import newer_month, read_month, stored_months
from archive.index.purges.locks import changing_segments
from archive.index.purges.purged_marks import unpurged
from archive.shipping.held_months import HeldMonths
from archive.shipping.purge_chains import Succession, Successions
from archive.store import ObjectStore
from archive.store.deletion import delete_for_good
from archive.store.intact import is_intact
from archive.store.object_reader import octets_of
from archive.store.replicated import first_of
from archive.values.capture import Capture
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc import cdxj
from archive.warc.keys import MONTHS

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.warc.manifest import Manifest

logger = logging.getLogger(__name__)


class PurgedMonths:
    """Months whose lines follow purges."""

    def __init__(self, database: Database, store: ObjectStore, rewrite_table: RewriteTable | None) -> None:
        """Without `rewrite_table`, months that are written again lose their tables."""
        self._database, self._store, self._rewrite_table = database, store, rewrite_table
        self._attached, self._first = Marks(database, ATTACHED), first_of(store)

    def run(self, known: Successions) -> HeldMonths:
        """Write each month again that names a segment which a purge replaced; return those where that failed.

        Only purges count that the database has noted. Raises StoreError, PurgeUnderWay.
        """
        held, formers = HeldMonths(), {one.key: one for one in known.formers}
        for key in unpurged(self._database, list(formers)):
            del formers[key]
        if not formers or not (there := set(self._store.keys(MONTHS))):
            return held
        named = set[str]()
        for name, keys in stored_months(self._store).items():
            months = dict[str, Month]()
            try:
                months |= {key: read_month(self._store, key) for key in keys}
                self._follow(name, keys, months, formers, known)
            except (IntegrityError, ObjectNotFound, OSError) as error:
                held.hold(name, error, months.values() if len(months) == len(keys) else None)
            named.update(months, (one.key for month in months.values() for one in month.objects))
        for name in sorted(set(map(_month_of, there - named)) - held.months.keys()):
            if (lost := self._lost_manifest(name)) is not None:
                held.hold(name, ObjectNotFound(lost), None)
            else:
                self._delete_unnamed(name)
        return held

    def _follow(
        self, name: str, keys: list[str], months: dict[str, Month], formers: dict[str, Manifest], known: Successions
    ) -> None:
        """Replace the manifests of a month that name a purged segment, and those that others came instead of."""
        for key in keys:
            purged = [one.manifest_key for one in months[key].segments.values() if one.manifest_key in formers]
            successions = [one for one in map(known.of, map(formers.__getitem__, purged)) if one is not None]
            if successions or any(key in other.replaces for other in months.values()):
                self._replace(name, key, months, successions)

    def _lost_manifest(self, name: str) -> str | None:
        """Return the manifest that this database uses of a month, if the store has lost it: its files may be of use
        when it is restored.
        """
        key = self._attached.get(name)
        if key is None or self._store.size(key) is not None or newer_month(self._store, name, key) is not None:
            return None
        return key

    def _delete_unnamed(self, name: str) -> None:
        """Delete the files of a month that no manifest names: who wrote them was killed, and they may name anything.

        No other process with this database writes months now.
        """
        with changing_segments(self._database) as lock:
            there = set(self._store.keys(f"{MONTHS}{name}/"))
            keys = stored_months(self._store).get(name, ())
            named = {one.key for key in keys for one in read_month(self._store, key).objects}
            lock.check()
            for gone in sorted(there - named - set(keys)):
                delete_for_good(self._first, gone)

    def _replace(self, name: str, key: str, months: dict[str, Month], successions: list[Succession]) -> None:
        former = months[key]
        with changing_segments(self._database) as lock:
            new = next((other for other, month in months.items() if key in month.replaces), None)
            if new is None:
                self._check(successions)
                moved = {one.former.segment: moved_by(self._store, one) for one in successions}
                if former.parquet and not self._rewrite_table:
                    logger.warning("a month loses its table: pyarrow is not installed", extra={"month": name})
                with tempfile.TemporaryDirectory(prefix="pressmark-months-") as directory:
                    written, new = rewrite(
                        self._store, former, key, moved, Path(directory), rewrite_table=self._rewrite_table
                    )
                months[new] = written
            lock.check()
            self._attached.replace(name, key, new)
            del months[key]
            kept = {one.key for month in months.values() for one in month.objects}
            for gone in (*(one.key for one in former.objects if one.key not in kept), key):
                delete_for_good(self._first, gone)
        logger.info("a month was written again without what was purged", extra={"month": name, "object": new})

    def _check(self, successions: list[Succession]) -> None:
        """Raise IntegrityError if the store does not have all of a rewritten segment, intact: a month names it then."""
        for entry in (entry for one in successions for entry in one.last.objects):
            if not is_intact(self._store, entry.key, entry.sha256):
                raise IntegrityError(
                    f"{entry.key} is missing or damaged; restore it from a copy, then run pressmark purge"
                )


def delete_other_months(target: ObjectStore, store: ObjectStore, held: Collection[str] = ()) -> None:
    """Delete from a copy of the store the files of months that the store has no more. Raises StoreError.

    The files of a month stay if the store has lost some of them, which this copy may have, and if it is in `held`.
    """
    there, stay = set(store.keys(MONTHS)), dict[str, bool]()
    for key in set(target.keys(MONTHS)) - there:
        name = _month_of(key)
        if name not in stay:
            stay[name] = name in held or _has_lost(store, name, there)
        if not stay[name]:
            delete_for_good(target, key)  # their lines may name what was purged


def _has_lost(store: ObjectStore, name: str, there: Collection[str]) -> bool:
    """Return whether a store has some files of a month, but not all of them. `there` are those of all months."""
    if not (manifests := stored_months(store).get(name)):
        return any(_month_of(key) == name for key in there)
    try:
        return any(one.key not in there for key in manifests for one in read_month(store, key).objects)
    except (IntegrityError, ObjectNotFound):
        return True


def _month_of(key: str) -> str:
    return key.removeprefix(MONTHS).partition("/")[0]


def moved_by(store: ObjectStore, found: Succession) -> Moved:
    """Return what became of the captures of a segment. Raises StoreError, ObjectNotFound, IntegrityError."""
    last, purged = found.last, found.purged.keys()
    new = sorted(cdxj.read(octets_of(store, last.cdxj.key)), key=_offset)
    alike = Counter(one.record_id for one in new)
    by_record = {one.record_id: _offset(one) for one in new if alike[one.record_id] == 1 and one.record_id}
    facts = MonthSegment(last.collection, last.warc.key, last.key, 0, -len(purged))
    offsets = dict(_offsets(store, found, new)) if len(by_record) < len(new) else {}
    return Moved(last.segment, facts, last.warc.size, purged, by_record, offsets)


def _offsets(store: ObjectStore, found: Succession, new: list[Capture]) -> Iterator[tuple[int, int]]:
    """Yield the former and the new offsets of what stayed: the ids of records do not tell which is which."""
    try:
        listed = list(cdxj.read(octets_of(store, found.former.cdxj.key)))
    except ObjectNotFound as error:
        raise IntegrityError(
            f"{found.former.cdxj.key} is missing, and {found.last.cdxj.key} has several captures with one record id: "
            "their months can't be written again; run pressmark months delete"
        ) from error
    left = sorted((one for one in listed if one.record_id not in found.purged), key=_offset)
    if [one.record_id for one in left] != [one.record_id for one in new]:
        raise IntegrityError(
            f"{found.last.cdxj.key} does not have the captures that a purge left of {found.former.cdxj.key}: their "
            "months can't be written again; restore these two from a copy"
        )
    yield from zip(map(_offset, left), map(_offset, new), strict=True)


def _offset(one: Capture) -> int:
    return one.location.offset
