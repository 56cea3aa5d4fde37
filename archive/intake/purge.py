"""Purge captures: rewrite their segments without them. This is the only deletion of archived bytes.

The steps for a segment, each of which can be repeated after a crash at any point:

1. put a copy of its manifest under `PURGED`;
2. put the rewritten segment and, last, its manifest, which names the former one and the purged records: from here on,
   the former segment does not count;
3. replace the rows of the index, in one transaction, and note what is to be deleted;
4. write the months again that name the former segment (`archive.shipping.purged_months`);
5. in the store and in each replica: make sure that the rewritten segment is there, then delete the former one.

A purge that was interrupted before 2 has purged nothing; after it, `resume` ends it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from archive.index.index import Index
from archive.index.months.rewriting import RewriteTable
from archive.index.objects import FIRST
from archive.index.purges.forgetting import clear_free_pages
from archive.index.purges.locks import Lock, changing_segments, purging
from archive.index.purges.needs import captures_of_ids, newest
from archive.index.purges.purged_marks import forget_leaving, leaving
from archive.intake.begun_purges import BegunPurges, HomeLock, Putting
from archive.intake.listed_files import ListedFiles
from archive.intake.purge_checks import check_complete, check_recorders, is_needed_since, revisits_in, seeing_all
from archive.intake.purge_plan import Plan, Purged, Why
from archive.intake.purge_planning import Planning
from archive.intake.purge_rows import add_rows
from archive.intake.purge_texts import texts_without
from archive.intake.unknown_purges import note_unknown_purges
from archive.shipping.noted_purges import mark_bereft
from archive.shipping.purge_chains import Succession, is_of_one_segment, put_former
from archive.shipping.purged import Deletion, take_over
from archive.shipping.upload import Publisher, Sign, pieces_of
from archive.spool.sealed import Sealed
from archive.store import ObjectStore
from archive.store.confirm import Verify
from archive.store.object_reader import copied, octets_of, opened
from archive.values.capture import Capture, Location
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, PurgeRefused, PurgeUnderWay
from archive.warc import cdxj
from archive.warc.exchange_records import warcinfo
from archive.warc.integrity.trust import Trust
from archive.warc.integrity.verify import verify_file
from archive.warc.keys import time_of_key
from archive.warc.manifest import Manifest, Replaces
from archive.warc.purge_names import next_name, next_worker
from archive.warc.rewriting import copy_without

logger = logging.getLogger(__name__)


class Purge:
    def __init__(
        self,
        store: ObjectStore,
        index: Index,
        *,
        sign: Sign | None = None,
        verify: Verify = "auto",
        trust: Trust | None = None,
        spools: Callable[[], Iterable[Path]] = tuple,
        lease: timedelta = timedelta(minutes=1),
        held: Callable[[], Callable[[Capture], bool]] = lambda: lambda _: False,
        home: HomeLock | None = None,
        rewrite_table: RewriteTable | None = None,
    ) -> None:
        """After `lease`, a silent worker is gone. `spools` returns those of this `home`; `held` returns what says
        whether people hold a capture. `rewrite_table` writes the tables of months again.
        """
        self._store, self._index, self._sign, self._verify = store, index, sign, verify
        self._trust = trust or Trust()
        self._spools, self._lease, self._held = spools, lease, held
        self._listed = ListedFiles(index, store, spools)
        self._begun = BegunPurges(index, store, home)
        self._deletion = Deletion(index, store, rewrite_table)

    def plan(self, wanted: Iterable[Capture], *, with_revisits: bool = False) -> Plan:
        """Return what a purge of these captures removes, with what a browser drew of them.

        Captures whose bytes others need are kept back; with `with_revisits`, the others are purged, too.
        """
        with seeing_all():
            return self._planning(None, with_revisits=with_revisits).plan(wanted)

    def run(
        self,
        confirmed: Collection[str],
        why: Why,
        *,
        with_revisits: bool = False,
        lock: Lock | None = None,
        still: Callable[[], None] = lambda: None,
    ) -> Purged:
        """Purge these records, as a plan had them, after earlier purges that were interrupted have ended.

        What others have come to need since is kept back. No other record is purged. `lock` is that of purges, if the
        caller holds it. `still` raises PurgeRefused if the reason holds no more; it is asked before each segment.
        Raises PurgeUnderWay, PurgeRefused, StoreError, DatabaseUnusable. Then segments that were done stay done.
        """
        with self._purging(lock) as held, seeing_all():
            if lacking := self._end_begun():
                raise PurgeUnderWay(lacking[FIRST])
            self._begun.check()
            with leaving(self._index.database, confirmed):
                check_recorders(self._index, self._lease, list(self._spools()))
                add_rows(self._index, self._store, self._trust, confirmed)
                done = self._rewrite_all(confirmed, why, held, with_revisits=with_revisits, still=still)
            mark_bereft(self._index, done.records)
            unreached = self._deletion.run()
            if done.captures:
                clear_free_pages(self._index.database)
            return Purged(done, unreached)

    def _rewrite_all(
        self, confirmed: Collection[str], why: Why, lock: Lock, *, with_revisits: bool, still: Callable[[], None]
    ) -> Plan:
        """Rewrite one segment after the other, and return what was purged. Before each, what an import, a rebuild or a
        crawl has added meanwhile counts.
        """
        check_complete(self._index, self._store, self._lease, self._spools())
        with changing_segments(self._index.database):  # no import is adding captures whose numbers are from before
            after = newest(self._index.database)
        plan = self._confirmed(confirmed, with_revisits=with_revisits)
        for name in plan.segments:  # all of them before the first is changed
            self._check(name)
        done = list[Capture]()
        for name in plan.segments:
            with changing_segments(self._index.database) as segments:
                still()
                if is_needed_since(self._index, self._listed, plan, after) or any(map(self._held(), plan.captures)):
                    plan = self._confirmed(confirmed, with_revisits=with_revisits)
                if going := [one for one in plan.captures if one.location.segment == name]:
                    self._rewrite(name, plan.segments[name], len(going), why, locks=(lock, segments))
                    done += going
                after = min(after, newest(self._index.database))  # SQLite may give the numbers of deleted rows again
        return Plan(tuple(done), plan.kept_back, plan.files_left)

    def _confirmed(self, confirmed: Collection[str], *, with_revisits: bool) -> Plan:
        planning = self._planning(confirmed, with_revisits=with_revisits)
        return planning.plan(captures_of_ids(self._index.database, confirmed))

    def _planning(self, confirmed: Collection[str] | None, *, with_revisits: bool) -> Planning:
        written, held = revisits_in(self._spools(), self._index), self._held()
        return Planning(self._index, self._listed, confirmed, with_revisits=with_revisits, written=written, held=held)

    def _purging(self, lock: Lock | None) -> AbstractContextManager[Lock]:
        return nullcontext(lock) if lock else purging(self._index.database)

    def resume(self, lock: Lock | None = None) -> dict[str, str]:
        """End the purges that were interrupted, and delete what came back from older copies, in all places.

        Return the places that still have former objects, and why. Raises PurgeUnderWay, StoreError, DatabaseUnusable.
        """
        with self._purging(lock), seeing_all():
            lacking = self._end_begun()
            return {**self._deletion.run(again=True), **lacking}

    def left(self) -> dict[str, int]:
        """See `Deletion.left`."""
        return self._deletion.left()

    def _end_begun(self) -> dict[str, str]:
        """Take over what was rewritten, and delete what was put for a segment that was not. Return the first store, and
        why, if it lacks something for that.
        """
        lacking = note_unknown_purges(self._index, self._store, self._trust, self._spools)
        self._begun.undo()
        forget_leaving(self._index.database)
        return {FIRST: "; ".join(lacking)} if lacking else {}

    def _former(self, name: str) -> Manifest:
        row = self._index.segment(name)
        if row is None or row.manifest_key is None:
            raise PurgeRefused(f"the segment {name} is not in the store any more; plan the purge again")
        return Manifest.parse(octets_of(self._store, row.manifest_key), row.manifest_key)

    def _check(self, name: str) -> None:
        """Read a segment from the store. Raises IntegrityError if it is damaged."""
        former = self._former(name)
        with copied(opened(self._store, former.warc.key)) as file:
            _check_digest(former, file)

    def _rewrite(self, name: str, records: frozenset[str], count: int, why: Why, *, locks: Iterable[Lock]) -> None:
        former = self._former(name)
        with tempfile.TemporaryDirectory(prefix="pressmark-purge-") as directory:
            sealed, kept = self._rewritten(former, records, count, Path(directory) / "rewritten.warc.gz")
            text = texts_without(self._index, self._store, former, sealed.name, records, Path(directory) / "texts")
            pieces = [piece.key for piece in pieces_of(sealed, kept, text)]
            named = {entry.key for entry in former.objects}
            at = self._index.now().astimezone(UTC).isoformat(timespec="seconds")
            replaces = Replaces(former.key, former.sha256, tuple(sorted(records)), why.takedown, why.reason, why.by, at)
            configs = {run.run: run.config for run in former.runs}
            before = former.link if former.replaces is not None else None  # that of an earlier purge of the segment
            own = [key for key in pieces if key not in named and is_of_one_segment(key)]
            with self._begun.putting(former, own) as putting:
                put_former(self._store, former)
                sign = partial(self._signed, putting, locks)
                publisher = Publisher(self._store, verify=self._verify, configs=configs.get, sign=sign)
                new = publisher.publish(sealed, kept, text, before, replaces)
        take_over(self._index, self._store, Succession(former, (new,)))
        logger.info("captures were purged", extra={"segment": name, "records": len(records), "takedown": why.takedown})

    def _signed(self, putting: Putting, locks: Iterable[Lock], manifest: Manifest) -> Manifest:
        """Sign a manifest that is put next. Raises PurgeRefused if that does not make it trusted: replicas would not
        follow it. Raises PurgeUnderWay if another process may purge by now.
        """
        signed = self._sign(manifest) if self._sign else manifest
        if self._trust.keys and signed.signature is None:
            raise PurgeRefused(
                "this archive has signing.public_keys, so a purge needs signing.private_key on this machine"
            )
        for finding in self._trust.findings([signed]):
            raise PurgeRefused(f"the manifest of a purge would not be trusted here: {finding.sentence}")
        for lock in locks:
            lock.check()
        putting.manifest_comes()
        return signed

    def _rewritten(
        self, former: Manifest, records: frozenset[str], count: int, path: Path
    ) -> tuple[Sealed, list[Capture]]:
        """Write the segment without the `count` captures of these records; return it, with those that it keeps."""
        listed = list(cdxj.read(octets_of(self._store, former.cdxj.key)))
        gone = [one for one in listed if one.record_id in records]
        if len(gone) != count:
            raise PurgeRefused(
                f"{former.warc.key} has {len(gone)} captures of {count} records: its index and its list differ; "
                "see pressmark verify --all"
            )
        with copied(opened(self._store, former.warc.key)) as file, path.open("wb") as rewritten:
            _check_digest(former, file)
            moved = copy_without(file, gone, rewritten)
            if not moved:  # a WARC has at least one record
                rewritten.write(_first_record(former))
        with path.open("rb") as file:
            for finding in verify_file(file, path.name):
                raise IntegrityError(f"{former.warc.key} can't be rewritten: {finding.sentence}")
        with path.open("rb") as file:
            digest = sha256_file(file)
        name = next_name(former.segment)
        left = [one for one in listed if one.record_id not in records]
        if any(one.location.offset not in moved for one in left):
            raise IntegrityError(f"{former.warc.key} can't be rewritten: a capture that stays would be lost")
        kept = [_moved(one, name, moved) for one in left]
        kept.sort(key=lambda one: one.location.offset)
        return _sealed(former, name, path, digest, len(moved) or 1), kept


def _check_digest(former: Manifest, file: BinaryIO) -> None:
    if sha256_file(file) != former.warc.sha256:
        raise IntegrityError(f"{former.warc.key} is damaged: repair it before a purge")
    file.seek(0)


def _sealed(former: Manifest, name: str, path: Path, digest: Sha256, records: int) -> Sealed:
    at = time_of_key(former.warc.key)
    return Sealed(
        name=name,
        path=path,
        journal=path.with_suffix(".jsonl"),  # it does not exist: the captures are those of the former index
        sha256=digest,
        size=path.stat().st_size,
        records=records,
        first_at=at,
        last_at=at,
        collection=former.collection,
        epoch=former.epoch,
        worker=next_worker(former.segment),
    )


def _first_record(former: Manifest) -> bytes:
    """Return a warcinfo that is the same each time."""
    facts, id_ = {"isPartOf": former.collection}, f"<urn:uuid:{uuid5(NAMESPACE_URL, former.key)}>"
    return warcinfo(former.segment, time_of_key(former.warc.key), facts, record_id=id_)


def _moved(capture: Capture, segment: str, moved: Mapping[int, int]) -> Capture:
    where = capture.location
    return capture._replace(location=Location(segment, moved[where.offset], where.length))
