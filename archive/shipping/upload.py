"""Upload a sealed segment: the WARC, its sidecars, and its manifest last (durability: write protocol)."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from archive.shipping.sidecars import cdxj_bytes
from archive.spool.release import MANIFEST_SUFFIX, beside
from archive.spool.sealed import Sealed
from archive.store import ObjectStore, Stored
from archive.store.confirm import Verify, confirm
from archive.store.measure import measure
from archive.values.atomic_files import write_whole
from archive.values.capture import Capture
from archive.values.digest import Sha256, sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc import cdxj
from archive.warc.exchange_records import software
from archive.warc.integrity.merkle import digests_between, merkle_root
from archive.warc.keys import cdxj_key, manifest_key, plain_cdxj_key, text_key, warc_key
from archive.warc.manifest import Link, Manifest, Replaces, Role, RunOf, StoredObject

Configs = Callable[[str], str | None]
"""Returns the configuration hash of a run, by its id."""
Sign = Callable[[Manifest], Manifest]
"""Returns a manifest with a signature."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An object to upload."""

    role: Role
    key: str
    sha256: Sha256
    open: Callable[[], BinaryIO]


class Publisher:
    """Uploads segments. Each becomes visible only when complete: a segment without a manifest does not count.

    Publishing again, also after a crash at any point, uploads nothing twice and gives the same manifest. A key with
    wrong bytes raises IntegrityError the first time; the next attempt repairs it from the local bytes, after checking
    their digest.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        verify: Verify = "auto",
        configs: Configs = lambda _run: None,
        sign: Sign | None = None,
    ) -> None:
        """Create a publisher. `sign` signs new manifests; those that are uploaded again stay unchanged."""
        self._store = store
        self._sign = sign
        self._verify: Verify = verify
        self._configs = configs
        self._damaged: set[str] = set()

    def publish(
        self,
        sealed: Sealed,
        captures: Sequence[Capture],
        text: bytes | Path | None,
        previous: Link | None,
        replaces: Replaces | None = None,
    ) -> Manifest:
        """Upload everything of a segment: its bytes, its index, and the text sidecar `text` unless it is None.

        `previous` is the manifest before it in its chain; `replaces` what a purge removed. Raises StoreError.
        """
        pieces = {piece.key: piece for piece in pieces_of(sealed, captures, text)}
        if held := self._held(sealed):
            self._complete(held, pieces | _earlier_pieces(sealed, captures))
            return _note_put(held, sealed)
        # If the store has lost the manifest, upload it again unchanged: the next one of the chain names it.
        if noted := _noted_put(sealed):
            every = pieces | _earlier_pieces(sealed, captures)
            if all(entry.key in every for entry in noted.objects):
                self._complete(noted, every)
                return _note_put(self._put_manifest(sealed, noted), sealed)
        objects = tuple(self._put(piece) for piece in pieces.values())
        manifest = replace(describe(sealed, captures, objects, previous, self._configs), replaces=replaces)
        manifest = self._sign(manifest) if self._sign else manifest
        return _note_put(self._put_manifest(sealed, manifest), sealed)

    def find(self, key: str) -> Manifest | None:
        """Return the manifest under a key; None if there is none. Raises IntegrityError if it is damaged."""
        if self._store.size(key) is None:  # the usual case, and cheaper than `get`
            return None
        try:
            with self._store.get(key) as file:
                return Manifest.parse(file.read(), key)
        except ObjectNotFound:
            return None

    def check(self, key: str, sealed: Sealed) -> None:
        """Return if the store has the manifest of a segment and every object that it names.

        Raises IntegrityError.
        """
        manifest = self.find(key)
        if manifest is None or manifest.warc.sha256 != sealed.sha256:
            raise IntegrityError(f"{key}, the manifest of the segment {sealed.name}, is missing in the store")
        for entry in manifest.objects:
            with self._alarm(entry.key):
                confirm(self._store, entry.key, _expected(entry, sealed.path), self._verify_of(entry))

    def _verify_of(self, entry: StoredObject) -> Verify:
        """Return how to verify an object: a sidecar in parts is read, since its checksum would need its local bytes."""
        return "get" if self._verify == "head" and entry.parts > 1 and entry.role != "warc" else self._verify

    def _held(self, sealed: Sealed) -> Manifest | None:
        """Return the manifest of a segment in the store; None if there is none. Raises IntegrityError."""
        key = key_of_manifest(sealed)
        if key in self._damaged:
            return None
        with self._alarm(key):
            held = self.find(key)
        if held is not None and held.warc.sha256 != sealed.sha256:
            raise IntegrityError(f"{key} is not the manifest of the bytes of the segment {sealed.name}")
        return held

    def _complete(self, held: Manifest, pieces: Mapping[str, Piece]) -> None:
        """Make sure that the store has what a manifest names: upload local objects again, and verify the others."""
        for entry in held.objects:
            if piece := pieces.get(entry.key):
                self._put(piece)
            else:
                confirm(self._store, entry.key, Stored(entry.size, entry.sha256), "get")

    def _put(self, piece: Piece) -> StoredObject:
        with self._alarm(piece.key), piece.open() as body:
            stored = self._store.put(piece.key, body, piece.sha256, replace=piece.key in self._damaged)
            confirm(self._store, piece.key, stored, self._verify)
        return StoredObject(piece.role, piece.key, stored.size, piece.sha256, stored.etag, stored.parts)

    def _put_manifest(self, sealed: Sealed, manifest: Manifest) -> Manifest:
        content, key = manifest.to_bytes(), manifest.key
        try:
            stored = self._store.put(key, io.BytesIO(content), sha256(content), replace=key in self._damaged)
        except IntegrityError:
            if held := self._held(sealed):
                return held  # another uploader of the same segment was faster
            raise
        if self._verify != "off":
            confirm(self._store, key, stored, "get")
        self._damaged.discard(key)
        return manifest

    @contextmanager
    def _alarm(self, key: str) -> Iterator[None]:
        """Remember a key with wrong bytes until it is uploaded correctly."""
        try:
            yield
        except IntegrityError:
            self._damaged.add(key)
            raise
        self._damaged.discard(key)


def pieces_of(sealed: Sealed, captures: Sequence[Capture], text: bytes | Path | None) -> Iterator[Piece]:
    """Yield the objects of a segment that are uploaded before its manifest, in order."""
    collection, at = sealed.collection, sealed.first_at
    yield Piece("warc", warc_key(collection, at, sealed.sha256), sealed.sha256, lambda: sealed.path.open("rb"))
    index = cdxj_bytes(captures)
    yield Piece("cdxj", cdxj_key(collection, at, sha256(index)), sha256(index), partial(io.BytesIO, index))
    if text is not None:
        opened = partial(_opened, text)
        with opened() as file:
            digest = sha256_file(file)
        yield Piece("text", text_key(collection, at, digest), digest, opened)


def _opened(content: bytes | Path) -> BinaryIO:
    return content.open("rb") if isinstance(content, Path) else io.BytesIO(content)


def _earlier_pieces(sealed: Sealed, captures: Sequence[Capture]) -> dict[str, Piece]:
    """Return, by key, the objects that versions before 28 November 2026 made of a segment, and this one does not."""
    index = cdxj.write(capture for capture in captures if capture.kind != "failed")
    key = plain_cdxj_key(sealed.collection, sealed.first_at, sha256(index))
    return {key: Piece("cdxj", key, sha256(index), partial(io.BytesIO, index))}


def describe(
    sealed: Sealed,
    captures: Sequence[Capture],
    objects: tuple[StoredObject, ...],
    previous: Link | None,
    configs: Configs,
) -> Manifest:
    """Return the manifest of a segment whose objects are uploaded."""
    listed = [capture for capture in captures if capture.kind != "failed"]
    with sealed.path.open("rb") as warc:
        pieces = digests_between(warc, [capture.location.offset for capture in listed], sealed.size)
    return Manifest(
        segment=sealed.name,
        collection=sealed.collection,
        worker=sealed.worker,
        epoch=sealed.epoch,
        objects=objects,
        records=sealed.records,
        captures=len(listed),
        first_at=min((capture.at for capture in listed), default=None),
        last_at=max((capture.at for capture in listed), default=None),
        merkle_root=merkle_root(pieces),
        runs=tuple(RunOf(run, source, configs(run)) for run, source in sorted({(c.run, c.source) for c in captures})),
        software=software(),
        previous=previous,
    )


def _note_put(manifest: Manifest, sealed: Sealed) -> Manifest:
    """Store an uploaded manifest beside its local segment."""
    path = beside(sealed.path, MANIFEST_SUFFIX)
    if not path.exists():
        write_whole(path, manifest.to_bytes())
    return manifest


def _noted_put(sealed: Sealed) -> Manifest | None:
    """Return the manifest that was uploaded for a segment, if it is known."""
    path = beside(sealed.path, MANIFEST_SUFFIX)
    with suppress(FileNotFoundError, IntegrityError):
        manifest = Manifest.parse(path.read_bytes(), str(path))
        return manifest if manifest.warc.sha256 == sealed.sha256 else None
    return None


def key_of_manifest(sealed: Sealed) -> str:
    """Return the key of a segment's manifest."""
    return manifest_key(sealed.collection, sealed.worker, sealed.name, sealed.first_at)


def _expected(entry: StoredObject, warc: Path) -> Stored:
    """Return what the store should report about an object. For an upload in parts, this needs the bytes."""
    checksum = base64.b64encode(bytes.fromhex(entry.sha256)).decode()
    if entry.parts > 1 and entry.role == "warc":
        with warc.open("rb") as file:
            checksum = measure(file).checksum
    return Stored(entry.size, entry.sha256, entry.etag, entry.parts, checksum)
