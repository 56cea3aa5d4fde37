"""Rebuild the index from the store alone: manifests, then the sidecars that they name."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeVar

from archive.index.damage import examine
from archive.index.purges.locks import beside_purges
from archive.index.purges.purged_marks import purged_records, unpurged
from archive.intake.ahead import one_ahead
from archive.intake.reextraction import newest_rereads, place_of
from archive.shipping.purge_chains import purged_manifests
from archive.shipping.purged import note_purges
from archive.shipping.run_texts import RunTexts
from archive.shipping.sidecars import read_texts
from archive.store.object_reader import octets_of, opened
from archive.texts.search.sketch_rows import sketch_missing
from archive.texts.text_replacement import has_texts, replace_texts
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
    from archive.texts.prepared_texts import Ready
    from archive.texts.preparing_pool import PreparingPool
    from archive.texts.texts import TextRow

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


@dataclass(frozen=True, slots=True)
class _ReadSegment:
    """What the store has of a segment."""

    number: int
    manifest: Manifest
    captures: Sequence[Capture] | None = None
    """None: its WARC is missing."""
    texts: Sequence[TextRow] = ()
    is_again: bool = False
    """Whether the texts were extracted after the manifest was written."""
    ready: Ready | None = None


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
        note_purges(self._index, self._store, self._trust)
        with beside_purges(self._index.database):
            return self._run()

    def _run(self) -> Rebuilt:
        self._purged = purged_records(self._index.database)
        keys = list(self._store.keys(MANIFESTS))
        manifests = [manifest for key in keys if (manifest := self._manifest(key))]
        chains = [*manifests, *purged_manifests(self._store)]
        self._findings += broken_links(chains)
        self._findings += self._trust.findings(chains)
        left = set(unpurged(self._index.database, keys))  # a purge under way: the former segment is there, too
        manifests = [one for one in manifests if one.key in left]
        rebuilt = self._index_all(manifests, len(manifests))
        self._index.note_keys(self._store.keys())
        return rebuilt

    def index_segments(self, keys: Iterable[str], total: int) -> Rebuilt:
        """Index only the segments of these manifests.

        Raises StoreError if the store can't be reached: segments indexed by then are complete, and the rest can be
        indexed later.

        Chains and signatures are not checked, because that needs all manifests.
        """
        note_purges(self._index, self._store, self._trust)
        with beside_purges(self._index.database):
            self._purged = purged_records(self._index.database)
            left = (key for key in keys if unpurged(self._index.database, [key]))
            return self._index_all(map(self._manifest, left), total)

    def _index_all(self, manifests: Iterable[Manifest | None], total: int) -> Rebuilt:
        self._rereads = newest_rereads(self._store)
        read = (self._read(number, manifest) for number, manifest in enumerate(manifests, 1) if manifest)
        for one in one_ahead(read) if self._pool else read:
            self._write(one)
            self._progress(Progress(one.manifest.segment, one.number, total, self._captures))
        sketch_missing(self._index.database)
        run_texts = RunTexts(self._index.database, self._store, new=self._run_texts)
        for segment in self._whole:
            run_texts.put(segment, missing_only=True)
        return Rebuilt(self._segments, self._captures, self._texts, tuple(self._findings))

    def _read(self, number: int, manifest: Manifest) -> _ReadSegment:
        """Read what the store has of a segment, and prepare its texts. It changes nothing."""
        if not self._check_warc(manifest.warc) or not self._counts(manifest):
            return _ReadSegment(number, manifest)
        captures, again = self._captures_of(manifest), self._reread_of(manifest)
        texts = self._texts_of(manifest) if again is None else again
        if self._purged and any(one.record_id in self._purged for one in captures):
            captures = [one for one in captures if one.record_id not in self._purged]
            texts = [one for one in texts if one.record_id not in self._purged]
            self._note(manifest.key, "purged", "it has records that were purged, from an older copy; they are left out")
        ready = self._index.prepare_texts(manifest.segment, texts, self._pool)
        return _ReadSegment(number, manifest, captures, texts, again is not None, ready)

    def _write(self, read: _ReadSegment) -> None:
        """Index a segment, unless its WARC is missing."""
        manifest, captures, texts = read.manifest, read.captures, read.texts
        if captures is None:
            self._mark_damage(manifest)
            return
        had_texts = read.is_again and has_texts(self._index.database, manifest.segment)
        self._index.commit(manifest, captures, texts, announce=False, ready=read.ready)
        self._mark_damage(manifest)
        if had_texts:  # they may be earlier ones
            replace_texts(self._index.database, manifest.segment, texts)
        self._whole.append(manifest.segment)
        self._segments += 1
        self._captures += len(captures)
        self._texts += len(texts)

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

    def _texts_of(self, manifest: Manifest) -> Sequence[TextRow]:
        """Return the texts of the sidecar. Lost texts can be extracted again later."""
        return (manifest.text and self._sidecar(manifest.text, read_texts)) or []

    def _reread_of(self, manifest: Manifest) -> Sequence[TextRow] | None:
        """Return texts extracted after the manifest was written; None if there are none, or they are damaged."""
        key = self._rereads.get(place_of(manifest.collection, manifest.segment))
        digest = sha256_of_key(key) if key else None
        return self._sidecar(StoredObject("text", key, 0, digest), read_texts) if key and digest else None

    def _sidecar(self, entry: StoredObject, parse: Callable[[bytes], T]) -> T | None:
        """Return the parsed sidecar; None, with a finding, if it is lost or damaged."""
        try:
            content = octets_of(self._store, entry.key)
            return parse(content) if self._check_digest(entry, io.BytesIO(content)) else None
        except ObjectNotFound:
            self._note(entry.key, "missing", f"this {entry.role} sidecar is missing in the store")
        except (DamagedRecord, IntegrityError) as error:
            self._note(entry.key, "damaged", str(error))
        return None

    def _note(self, key: str, kind: str, sentence: str) -> None:
        self._findings.append(Finding(key, None, kind, sentence))
