"""Rebuild the index from the store alone: manifests, then the sidecars that they name."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeVar

from archive.database.statements import batches
from archive.index.damage import examine
from archive.index.purges.locks import beside_purges
from archive.index.purges.purged_marks import purged_records, unpurged
from archive.intake.ahead import one_ahead
from archive.intake.reextraction import newest_rereads, place_of
from archive.intake.segment_writing import ReadSegment, SegmentWriting, SomeTexts
from archive.intake.unknown_purges import note_unknown_purges
from archive.shipping.purge_chains import purged_manifests
from archive.shipping.run_texts import RunTexts
from archive.shipping.sidecars import rows_in
from archive.store.object_reader import copied, octets_of, opened
from archive.texts.later_texts import AT_ONCE, prepare_some
from archive.texts.search.sketch_rows import sketch_missing
from archive.values.capture import Capture
from archive.values.digest import sha256_file
from archive.values.errors import DamagedRecord, Finding, IntegrityError, ObjectNotFound
from archive.values.urlkey import urlkey
from archive.warc import cdxj
from archive.warc.facts import captures_of
from archive.warc.integrity.lineage import broken_links, not_under
from archive.warc.integrity.trust import Trust
from archive.warc.keys import MANIFESTS, sha256_of_key
from archive.warc.manifest import Manifest, StoredObject
from archive.warc.record import read

if TYPE_CHECKING:
    from archive.index.index import Index
    from archive.store import ObjectStore
    from archive.texts.preparing_pool import PreparingPool

T = TypeVar("T")

Level = Literal["quick", "full"]
"""Whether to check only the sizes of WARCs, or every byte. Manifests and sidecars are always checked completely."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a rebuild."""

    segment: str
    done: int
    total: int
    captures: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    segments: int
    captures: int
    texts: int
    findings: tuple[Finding, ...]
    """Objects that the store has lost or damaged. Empty if all is well."""


class Rebuild:
    """A rebuild. Existing rows stay; what only the store has is added."""

    def __init__(
        self,
        store: ObjectStore,
        index: Index,
        *,
        level: Level = "quick",
        trust: Trust | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
        run_texts: bool = False,
        pool: PreparingPool | None = None,
    ) -> None:
        """Create a rebuild. `trust` checks signatures of manifests. Invalid ones are reported, and still indexed.

        With `run_texts`, objects with the texts of runs are made where they are missing. With `pool`, a segment is
        read from the store, and its texts are prepared, while the one before is written.
        """
        self._store = store
        self._index = index
        self._level = level
        self._trust = trust or Trust()
        self._progress = progress
        self._run_texts = run_texts
        self._pool = pool
        self._findings: list[Finding] = []
        self._segments = self._captures = self._texts = 0
        self._whole: list[str] = []
        self._marked = index.damages.segments()
        self._purged: Collection[str] = ()
        self._rereads: Mapping[tuple[str, str], str] = {}

    def run(self) -> Rebuilt:
        """Index every segment with a manifest, and note each object, also one that only a replica still has.

        Raises StoreError if the store can't be reached.
        """
        note_unknown_purges(self._index, self._store, self._trust)
        with beside_purges(self._index.database):
            return self._run()

    def _run(self) -> Rebuilt:
        self._purged = purged_records(self._index.database)
        keys = list(self._store.keys(MANIFESTS))
        manifests = [manifest for key in keys if (manifest := self._manifest(key))]
        chains = [*manifests, *purged_manifests(self._store)]
        self._findings += broken_links(chains)
        self._findings += self._trust.findings(chains)
        left = set(unpurged(self._index.database, keys)) - self._index.covered()  # under way: the former is there, too
        manifests = [one for one in manifests if one.key in left]
        rebuilt = self._index_all(manifests, len(manifests))
        self._index.note_keys(self._store.keys())
        return rebuilt

    def index_segments(self, keys: Iterable[str], total: int, *, covered: bool = False) -> Rebuilt:
        """Index only the segments of these manifests; with `covered`, also those whose captures are in attached months.

        Raises StoreError if the store can't be reached: segments indexed by then are complete, and the rest can be
        indexed later.

        Chains and signatures are not checked, because that needs all manifests.
        """
        note_unknown_purges(self._index, self._store, self._trust)
        with beside_purges(self._index.database):
            self._purged = purged_records(self._index.database)
            out = frozenset[str]() if covered else self._index.covered()
            left = (key for key in keys if key not in out and unpurged(self._index.database, [key]))
            return self._index_all(map(self._manifest, left), total)

    def _index_all(self, manifests: Iterable[Manifest | None], total: int) -> Rebuilt:
        self._rereads = newest_rereads(self._store)
        read = (step for number, one in enumerate(manifests, 1) if one for step in self._read(number, one))
        writing: SegmentWriting | None = None
        for step in one_ahead(read) if self._pool else read:
            match step:
                case ReadSegment():
                    writing = SegmentWriting(self._index, step)
                    self._mark_damage(step.manifest)
                case SomeTexts() if writing:
                    writing.add(step)
                case None if writing:
                    self._end(writing)
                    self._progress(Progress(writing.name, writing.read.number, total, self._captures))
        sketch_missing(self._index.database)
        run_texts = RunTexts(self._index.database, self._store, new=self._run_texts)
        for segment in self._whole:
            run_texts.put(segment, missing_only=True)
        return Rebuilt(self._segments, self._captures, self._texts, tuple(self._findings))

    def _read(self, number: int, manifest: Manifest) -> Iterator[ReadSegment | SomeTexts | None]:
        """Yield what the store has of a segment, its texts prepared, and None at its end. It changes nothing."""
        if not self._check_warc(manifest.warc) or not self._counts(manifest):
            yield ReadSegment(number, manifest)
            yield None
            return
        captures, again = self._left(manifest), self._reread_of(manifest)
        sidecar = self._opened_texts(manifest.text) if again is None and manifest.text else again
        if sidecar is None:
            yield ReadSegment(number, manifest, captures, None if manifest.text else 0)
            yield None
            return
        file, count = sidecar
        with file:
            yield ReadSegment(number, manifest, captures, count, again is not None)
            left = (row for row in rows_in(file) if row.record_id not in self._purged)
            for rows in batches(left, AT_ONCE):
                yield SomeTexts(rows, prepare_some(self._index.database, rows, self._pool))
        yield None

    def _left(self, manifest: Manifest) -> Sequence[Capture]:
        """Return the captures of a segment but those that were purged: they are in an older copy."""
        captures = self._captures_of(manifest)
        left = [one for one in captures if one.record_id not in self._purged]
        if len(left) < len(captures):
            self._note(manifest.key, "purged", "it has records that were purged, from an older copy; they are left out")
        return left

    def _end(self, writing: SegmentWriting) -> None:
        writing.end()
        if writing.read.captures is not None:
            self._whole.append(writing.name)
            self._segments += 1
            self._captures += len(writing.read.captures)
            self._texts += writing.texts

    def _mark_damage(self, manifest: Manifest) -> None:
        """Mark captures of a segment that can't be read, and unmark those that can be read again."""
        if manifest.segment in self._marked or any(found.file == manifest.warc.key for found in self._findings):
            examine(self._index, self._store, manifest.segment)

    def _manifest(self, key: str) -> Manifest | None:
        try:
            manifest = Manifest.parse(octets_of(self._store, key), key)
        except (IntegrityError, ObjectNotFound) as error:
            self._note(key, "manifest", str(error))
            return None
        self._findings += not_under(key, manifest)
        return manifest

    def _counts(self, manifest: Manifest) -> bool:
        """Return whether a rewritten segment counts: not while the former one does (`archive.shipping.purged`)."""
        former = manifest.replaces.manifest if manifest.replaces else None
        if not former or self._store.size(former) is None or not unpurged(self._index.database, [former]):
            return True
        self._note(manifest.key, "purged", "its purge is not noted yet; its captures are those of the former segment")
        return False

    def _check_warc(self, warc: StoredObject) -> bool:
        """Return whether the WARC exists."""
        size = self._store.size(warc.key)
        if size is None:
            self._note(warc.key, "missing", "this WARC is missing in the store; its captures are not indexed")
            return False
        if size != warc.size:
            self._note(warc.key, "object-size", f"the object has {size} bytes, not {warc.size}")
        elif self._level == "full":
            try:
                with closing(opened(self._store, warc.key)) as file:
                    self._check_digest(warc, file)
            except IntegrityError as error:
                self._note(warc.key, "damaged", str(error))
        return True

    def _check_digest(self, entry: StoredObject, file: BinaryIO) -> bool:
        found = sha256_file(file)
        if found != entry.sha256:
            self._note(entry.key, "object-digest", f"the object's SHA-256 is {found}, not {entry.sha256}")
        return found == entry.sha256

    def _captures_of(self, manifest: Manifest) -> Sequence[Capture]:
        """Return the captures from the CDXJ sidecar or, more slowly, from the WARC itself."""
        captures = self._sidecar(manifest.cdxj, lambda content: list(cdxj.read(content)))
        if captures is None:
            captures = list(self._reread(manifest))
        if len(captures) != manifest.captures:
            why = f"{len(captures)} captures were found, the manifest says {manifest.captures}"
            self._note(manifest.key, "captures", why)
        return captures

    def _reread(self, manifest: Manifest) -> Iterator[Capture]:
        """Yield the captures of the WARC up to the first damage."""
        try:
            with closing(opened(self._store, manifest.warc.key)) as file:
                for capture in captures_of(read(file), manifest.segment, manifest.collection, urlkey):
                    if capture.kind != "failed":
                        yield capture
        except (DamagedRecord, IntegrityError) as damage:
            self._note(manifest.warc.key, "damaged", str(damage))

    def _reread_of(self, manifest: Manifest) -> tuple[BinaryIO, int] | None:
        """Return texts extracted after the manifest was written; None if there are none, or they are damaged."""
        key = self._rereads.get(place_of(manifest.collection, manifest.segment))
        digest = sha256_of_key(key) if key else None
        return self._opened_texts(StoredObject("text", key, 0, digest)) if key and digest else None

    def _opened_texts(self, entry: StoredObject) -> tuple[BinaryIO, int] | None:
        """Open a text sidecar, and count its texts; None, with a finding, if it is lost or damaged: they can be
        extracted again later.
        """
        with self._noting(entry):
            file = copied(opened(self._store, entry.key))
            try:
                whole = self._check_digest(entry, file)
                file.seek(0)
                count = sum(1 for _ in rows_in(file)) if whole else 0
                file.seek(0)
            except BaseException:
                file.close()
                raise
            if whole:
                return file, count
            file.close()
        return None

    def _sidecar(self, entry: StoredObject, parse: Callable[[bytes], T]) -> T | None:
        """Return the parsed sidecar; None, with a finding, if it is lost or damaged."""
        with self._noting(entry):
            content = octets_of(self._store, entry.key)
            return parse(content) if self._check_digest(entry, io.BytesIO(content)) else None
        return None

    @contextmanager
    def _noting(self, entry: StoredObject) -> Iterator[None]:
        """Note a sidecar that is lost or damaged, and continue."""
        try:
            yield
        except ObjectNotFound:
            self._note(entry.key, "missing", f"this {entry.role} sidecar is missing in the store")
        except (DamagedRecord, IntegrityError) as error:
            self._note(entry.key, "damaged", str(error))

    def _note(self, key: str, kind: str, sentence: str) -> None:
        self._findings.append(Finding(key, None, kind, sentence))
