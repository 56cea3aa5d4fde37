"""Putting a sealed segment into the store: the WARC, its sidecars, its manifest last (durability: write protocol)."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.exchange_records import software
from archive.warc.integrity.merkle import digests_between, merkle_root
from archive.warc.keys import cdxj_key, manifest_key, text_key, warc_key
from archive.warc.manifest import Link, Manifest, Role, RunOf, StoredObject

Configs = Callable[[str], str | None]
"""The hash of the configuration that a run was made with, by the run's id."""
Sign = Callable[[Manifest], Manifest]
"""Gives a manifest with its signature."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An object to be put."""

    role: Role
    key: str
    sha256: Sha256
    open: Callable[[], BinaryIO]


class Publisher:
    """Puts segments, each whole or, for the world, not there: a segment without a manifest does not count.

    Publishing again, also after a crash at any point, puts nothing twice and gives the same manifest. A key that holds
    other bytes than it should is an alarm (IntegrityError) the first time; the next attempt repairs it from the bytes
    at hand, whose digest is checked.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        verify: Verify = "auto",
        configs: Configs = lambda _run: None,
        sign: Sign | None = None,
    ) -> None:
        """`sign` signs each manifest that is made; those that are put again stay as they were."""
        self._store = store
        self._sign = sign
        self._verify: Verify = verify
        self._configs = configs
        self._damaged: set[str] = set()

    def publish(
        self, sealed: Sealed, captures: Sequence[Capture], text: bytes | None, previous: Link | None
    ) -> Manifest:
        """Put all that belongs to a segment: its bytes, its index, and the text sidecar `text` unless that is None.

        `previous` is the manifest before it in its chain. Raises StoreError.
        """
        pieces = {piece.key: piece for piece in pieces_of(sealed, captures, text)}
        if held := self._held(sealed):
            self._complete(held, pieces)
            return _note_put(held, sealed)
        objects = tuple(self._keep(piece) for piece in pieces.values())
        # If it was put before and the store has lost it, it is put again as it was: the next of the chain names it.
        manifest = _noted_put(sealed, pieces) or self._described(sealed, captures, objects, previous)
        return _note_put(self._put_manifest(sealed, manifest), sealed)

    def _described(
        self, sealed: Sealed, captures: Sequence[Capture], objects: tuple[StoredObject, ...], previous: Link | None
    ) -> Manifest:
        manifest = describe(sealed, captures, objects, previous, self._configs)
        return self._sign(manifest) if self._sign else manifest

    def find(self, key: str) -> Manifest | None:
        """The manifest under a key, None if there is none. Raises IntegrityError when it is damaged."""
        if self._store.size(key) is None:  # nearly always, and cheaper to ask than to get
            return None
        try:
            with self._store.get(key) as file:
                return Manifest.parse(file.read(), key)
        except ObjectNotFound:
            return None

    def check(self, key: str, sealed: Sealed) -> None:
        """Return if the store has, as it should, the manifest of a segment and all that it names.

        Raises IntegrityError.
        """
        manifest = self.find(key)
        if manifest is None or manifest.warc.sha256 != sealed.sha256:
            raise IntegrityError(f"{key}, the manifest of the segment {sealed.name}, is missing in the store")
        for entry in manifest.objects:
            with self._alarm(entry.key):
                confirm(self._store, entry.key, _expected(entry, sealed.path), self._verify)

    def _held(self, sealed: Sealed) -> Manifest | None:
        """The manifest that the store has of a segment, if it is whole. Raises IntegrityError."""
        key = key_of_manifest(sealed)
        if key in self._damaged:
            return None
        with self._alarm(key):
            held = self.find(key)
        if held is not None and held.warc.sha256 != sealed.sha256:
            raise IntegrityError(f"{key} is not the manifest of the bytes of the segment {sealed.name}")
        return held

    def _complete(self, held: Manifest, pieces: Mapping[str, Piece]) -> None:
        """Make sure that the store has what a manifest names: what we have is put again, the rest is read back."""
        for entry in held.objects:
            if piece := pieces.get(entry.key):
                self._keep(piece)
            else:
                confirm(self._store, entry.key, Stored(entry.size, entry.sha256), "get")

    def _keep(self, piece: Piece) -> StoredObject:
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
                return held  # another uploader of this very segment was faster
            raise
        if self._verify != "off":
            confirm(self._store, key, stored, "get")
        self._damaged.discard(key)
        return manifest

    @contextmanager
    def _alarm(self, key: str) -> Iterator[None]:
        """Remember a key that holds wrong bytes, until it was put well."""
        try:
            yield
        except IntegrityError:
            self._damaged.add(key)
            raise
        self._damaged.discard(key)


def pieces_of(sealed: Sealed, captures: Sequence[Capture], text: bytes | None) -> Iterator[Piece]:
    """What is put for a segment before its manifest, in order."""
    collection, at = sealed.collection, sealed.first_at
    yield Piece("warc", warc_key(collection, at, sealed.sha256), sealed.sha256, lambda: sealed.path.open("rb"))
    index = cdxj_bytes(captures)
    yield Piece("cdxj", cdxj_key(collection, at, sha256(index)), sha256(index), partial(io.BytesIO, index))
    if text is not None:
        yield Piece("text", text_key(collection, at, sha256(text)), sha256(text), partial(io.BytesIO, text))


def describe(
    sealed: Sealed,
    captures: Sequence[Capture],
    objects: tuple[StoredObject, ...],
    previous: Link | None,
    configs: Configs,
) -> Manifest:
    """The manifest of a segment whose objects were put."""
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
    """Keep a manifest that was put beside its segment, as long as that is there."""
    path = beside(sealed.path, MANIFEST_SUFFIX)
    if not path.exists():
        write_whole(path, manifest.to_bytes())
    return manifest


def _noted_put(sealed: Sealed, pieces: Mapping[str, Piece]) -> Manifest | None:
    """The manifest that was put for a segment, if it is known and names what would be put now."""
    path = beside(sealed.path, MANIFEST_SUFFIX)
    with suppress(FileNotFoundError, IntegrityError):
        manifest = Manifest.parse(path.read_bytes(), str(path))
        if manifest.warc.sha256 == sealed.sha256 and all(entry.key in pieces for entry in manifest.objects):
            return manifest
    return None


def key_of_manifest(sealed: Sealed) -> str:
    """The key under which the manifest of a segment is put."""
    return manifest_key(sealed.collection, sealed.worker, sealed.name, sealed.first_at)


def _expected(entry: StoredObject, warc: Path) -> Stored:
    """What the store should say of an object. An upload in parts is summed by parts, so its bytes are needed."""
    checksum = base64.b64encode(bytes.fromhex(entry.sha256)).decode()
    if entry.parts > 1 and entry.role == "warc":
        with warc.open("rb") as file:
            checksum = measure(file).checksum
    return Stored(entry.size, entry.sha256, entry.etag, entry.parts, checksum)
