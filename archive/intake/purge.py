"""Purge captures: rewrite their segments without them. This is the only deletion of archived bytes.

The steps for a segment, each of which can be repeated after a crash at any point:

1. put a copy of its manifest under `PURGED`;
2. put the rewritten segment and, last, its manifest, which names the former one and the purged records;
3. delete the former manifest from its place;
4. replace the rows of the index;
5. delete the former WARC, index and texts.

Up to 3, the store has the former segment; from then on, the rewritten one.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, uuid5

from archive.index.index import Index
from archive.index.objects import FIRST, Objects
from archive.index.preservation_events import Event, Events
from archive.index.records import captures_of_records, delete_segment, items_of_records, revisits_of
from archive.index.segments import SegmentRow
from archive.shipping.purged import delete_purged, objects_of, purged_manifests
from archive.shipping.run_texts import RunTexts
from archive.shipping.sidecars import read_texts, text_bytes
from archive.shipping.upload import Publisher, Sign
from archive.spool.sealed import Sealed
from archive.store import ObjectStore
from archive.store.confirm import confirm
from archive.store.object_reader import copied, copy_part, octets_of, opened
from archive.store.replicated import replicas_of
from archive.texts.text_replacement import texts_of_segment
from archive.values.capture import SCREENSHOT, Capture, Location
from archive.values.digest import sha256_file
from archive.values.errors import CaptureNotFound, IntegrityError, StoreError
from archive.warc import cdxj
from archive.warc.exchange_records import warcinfo
from archive.warc.integrity.verify import verify_file
from archive.warc.keys import chain_prefix, purged_key, run_key, time_of_key
from archive.warc.manifest import Manifest, Replaces
from archive.warc.record import Record, read


class PurgeRefused(ValueError):
    """A purge that can't be, as a sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a purge removes."""

    captures: tuple[Capture, ...]
    revisits: tuple[Capture, ...]
    """Those among them that were added because their bytes are in the others."""

    @property
    def segments(self) -> Mapping[str, frozenset[str]]:
        """The records to purge, by segment."""
        found = dict[str, set[str]]()
        for one in self.captures:
            found.setdefault(one.location.segment, set()).add(one.record_id)
        return {name: frozenset(found[name]) for name in sorted(found)}


@dataclass(frozen=True, slots=True)
class Purged:
    captures: int
    segments: int
    unreached: Mapping[str, str]
    """Why the replicas with these names still have the former objects."""


class Purge:
    def __init__(
        self, store: ObjectStore, index: Index, *, now: Callable[[], datetime], sign: Sign | None = None
    ) -> None:
        self._store, self._index, self._now, self._sign = store, index, now, sign

    def plan(self, records: Collection[str], *, with_revisits: bool = False) -> Plan:
        """Return what a purge of these records removes, with what a browser drew of them.

        Raises CaptureNotFound for an unknown record; PurgeRefused for a segment that the store does not have alone, for
        captures that need the bytes (unless `with_revisits`), and for what a user's spider made items of.
        """
        found = captures_of_records(self._index.database, records)
        for missing in sorted(set(records) - {one.record_id for one in found}):
            raise CaptureNotFound(missing)
        whole = {one.record_id: one for one in (*found, *self._drawn(found))}
        more = revisits_of(self._index.database, whole)
        if more and not with_revisits:
            raise PurgeRefused(f"later captures need these bytes: {len(more)}; purge them too with --with-revisits")
        plan = Plan((*whole.values(), *more), tuple(more))
        if items_of_records(self._index.database, [one.record_id for one in plan.captures]):
            raise PurgeRefused("a spider made items of these captures, and items can't be purged")
        for name in plan.segments:
            row = self._index.segment(name)
            if row is None or row.object_key is None or row.path is not None:
                raise PurgeRefused(
                    f"the segment {name} is still in the spool of a worker; it can be purged once only the store has it"
                )
        return plan

    def without_needed(self, records: Collection[str]) -> set[str]:
        """Return the records among these whose bytes no other capture needs."""
        left = set(records)
        for other in revisits_of(self._index.database, left):
            left -= {one.record_id for one in self._index.ancestry(other)}
        return left

    def _drawn(self, found: Iterable[Capture]) -> Iterator[Capture]:
        """Yield what a browser drew of captures: the documents, and the pictures."""
        for one in found:
            if document := self._index.drawn_of(one):
                yield document
            yield from (each for each in self._index.in_second(SCREENSHOT + one.url, one.at) if each.at == one.at)

    def run(self, plan: Plan, reason: str) -> Purged:
        """Purge, and finish earlier purges that were interrupted. Raises StoreError, DatabaseUnusable."""
        self.resume()
        for name, records in plan.segments.items():
            if (row := self._index.segment(name)) is not None:
                self._purge(row, records, reason)
        return Purged(len(plan.captures), len(plan.segments), self.finish())

    def resume(self) -> None:
        """Let the rewritten segments of interrupted purges take their places."""
        objects = Objects(self._index.database)
        for former in list(purged_manifests(self._store)):
            if objects.of(former.warc.key) is not None and (new := self._replacement(former)):
                self._switch(former, new)

    def _purge(self, row: SegmentRow, records: frozenset[str], reason: str) -> None:
        assert row.manifest_key is not None, "the plan has only segments of the store"
        former = Manifest.parse(octets_of(self._store, row.manifest_key), row.manifest_key)
        with tempfile.TemporaryDirectory(prefix="pressmark-purge-") as directory:
            sealed, kept = self._rewritten(former, records, Path(directory) / "rewritten.warc.gz")
            self._put_former(former)
            at = self._now().astimezone(UTC).isoformat(timespec="seconds")
            replaces = Replaces(former.key, former.sha256, tuple(sorted(records)), reason, at)
            configs = {run.run: run.config for run in former.runs}
            publisher = Publisher(self._store, configs=configs.get, sign=self._sign)
            new = publisher.publish(sealed, kept, self._text(former, sealed.name, records), None, replaces)
        self._switch(former, new)

    def _rewritten(self, former: Manifest, records: frozenset[str], path: Path) -> tuple[Sealed, list[Capture]]:
        """Write the segment without these records to `path`; return it, with the captures that it keeps."""
        listed = list(cdxj.read(octets_of(self._store, former.cdxj.key)))
        gone = [one for one in listed if one.record_id in records]
        with copied(opened(self._store, former.warc.key)) as file, path.open("wb") as rewritten:
            if sha256_file(file) != former.warc.sha256:
                raise IntegrityError(f"{former.warc.key} is damaged: repair it before a purge")
            file.seek(0)
            moved = _copy_without(file, gone, rewritten)
            if not moved:  # a WARC has at least one record
                rewritten.write(_first_record(former))
        with path.open("rb") as file:
            for finding in verify_file(file, path.name):
                raise IntegrityError(f"{former.warc.key} can't be rewritten: {finding.sentence}")
        with path.open("rb") as file:
            digest = sha256_file(file)
        name = f"{former.segment}-purged-{digest[:8]}"
        kept = [_moved(one, name, moved) for one in listed if one.record_id not in records]
        kept.sort(key=lambda one: one.location.offset)
        at = time_of_key(former.warc.key)
        sealed = Sealed(
            name=name,
            path=path,
            journal=path.with_suffix(".jsonl"),  # it does not exist: the captures are those of the former index
            sha256=digest,
            size=path.stat().st_size,
            records=len(moved) or 1,
            first_at=at,
            last_at=at,
            collection=former.collection,
            epoch=former.epoch,
            worker=_worker(former),
        )
        return sealed, kept

    def _text(self, former: Manifest, name: str, records: frozenset[str]) -> bytes | None:
        rows = texts_of_segment(self._index.database, former.segment).values()
        return text_bytes(replace(row, segment=name) for row in rows if row.record_id not in records) or None

    def _put_former(self, former: Manifest) -> None:
        key, content = purged_key(former.key, former.sha256), former.to_bytes()
        confirm(self._store, key, self._store.put(key, io.BytesIO(content), former.sha256), "get")

    def _replacement(self, former: Manifest) -> Manifest | None:
        """Return the manifest of the rewritten segment; None if the purge did not come so far."""
        for key in self._store.keys(chain_prefix(former.collection, _worker(former))):
            new = Manifest.parse(octets_of(self._store, key), key)
            if new.replaces and new.replaces.sha256 == former.sha256:
                return new
        return None

    def _switch(self, former: Manifest, new: Manifest) -> None:
        """Let the rewritten segment take the place of the former one, in the store and in the index."""
        assert new.replaces is not None
        database, objects = self._index.database, Objects(self._index.database)
        self._store.delete(former.key)
        delete_segment(database, former.segment, new.replaces.purged)
        kept = list(cdxj.read(octets_of(self._store, new.cdxj.key)))
        self._index.commit(
            new, kept, read_texts(octets_of(self._store, new.text.key)) if new.text else (), announce=False
        )
        objects.forget([former.key, *objects_of(self._store, former)])
        objects.note_keys([purged_key(former.key, former.sha256)], self._now())
        Events(database).add(
            Event(
                self._now(),
                "deletion",
                "success",
                f"{len(new.replaces.purged)} records were purged: {new.replaces.reason}",
                FIRST,
                former.warc.key,
            )
        )
        if self._delete_run_texts(former):
            RunTexts(database, self._store, new=True).put(new.segment)

    def _delete_run_texts(self, former: Manifest) -> bool:
        """Delete the objects with the texts of its runs, and return whether there were any."""
        keys = [run_key(former.collection, one.run) for one in former.runs if one.run]
        held = [key for key in keys if self._store.size(key) is not None]
        for key in held:
            for place in (self._store, *replicas_of(self._store).values()):
                place.delete(key)
        return bool(held)

    def finish(self) -> dict[str, str]:
        """Delete the former objects of all purges; return the replicas that still have them, and why.

        Raises StoreError if the first store does not respond.
        """
        delete_purged(self._store, self._store)
        unreached = dict[str, str]()
        for name, replica in replicas_of(self._store).items():
            try:
                delete_purged(replica, self._store)
            except StoreError as error:
                unreached[name] = str(error)
        return unreached


def _worker(former: Manifest) -> str:
    """Return the worker of the rewritten segment, for the chain of manifests: it is a chain of its own."""
    return f"purge-{former.segment}"


def _first_record(former: Manifest) -> bytes:
    """Return a warcinfo that is the same each time."""
    facts, id_ = {"isPartOf": former.collection}, f"<urn:uuid:{uuid5(NAMESPACE_URL, former.key)}>"
    return warcinfo(former.segment, time_of_key(former.warc.key), facts, record_id=id_)


def _moved(capture: Capture, segment: str, moved: Mapping[int, int]) -> Capture:
    where = capture.location
    return capture._replace(location=Location(segment, moved[where.offset], where.length))


def _copy_without(file: BinaryIO, gone: Collection[Capture], into: BinaryIO) -> dict[int, int]:
    """Copy the records of a WARC but those of some captures; return the new offset of each, by the old one."""
    places = [(record.offset, record.length) for record in _left(read(file), gone)]
    moved = dict[int, int]()
    for offset, length in places:
        moved[offset] = into.tell()
        file.seek(offset)
        copy_part(file, length, into)
    return moved


def _left(records: Iterable[Record], gone: Collection[Capture]) -> Iterator[Record]:
    """Yield the records that belong to none of some captures.

    A request or metadata belongs to a capture by its place, or by its WARC-Concurrent-To or WARC-Refers-To. A request
    that names no record belongs to the response of its URL and second: other tools write it first.
    """
    ids = {one.record_id for one in gone}
    spans = [range(one.location.offset, one.location.offset + one.span) for one in gone]
    asked: set[tuple[str | None, datetime | None]] = {(one.url, one.at.replace(microsecond=0)) for one in gone}
    for record in records:
        with closing(record):
            named = record.header("warc-concurrent-to")
            about = record.header("warc-refers-to") if record.type == "metadata" else None
            is_theirs = not ids.isdisjoint({record.id, named, about}) or any(record.offset in span for span in spans)
            is_request = record.type == "request" and named is None and _second(record) in asked
            if not is_theirs and not is_request:
                yield record


def _second(record: Record) -> tuple[str | None, datetime | None]:
    return record.url, record.at.replace(microsecond=0) if record.at else None
